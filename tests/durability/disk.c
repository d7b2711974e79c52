/* Preloaded into a program: writes down, in order, what it does to the files under one folder, so that the disk can be
 * rebuilt as a power cut would have left it (disk.py does that).
 *
 *   DISK_FOLDER   absolute path of the folder that is watched
 *   DISK_LOG      where the record goes (a file outside of the folder, opened for appending; others may append too)
 *   DISK_SWITCH   a file: while it exists, what would change the folder fails with the number of an error in it
 *
 * A write is written down after it was done and a sync before it begins and after it has ended: a sync covers what was
 * written down before its beginning. Nothing is really synced, but a sync takes its time. SQLite's shared memory
 * ("-shm") is left out, as recovery makes it anew. What could slip past (shared mappings, copies within the kernel)
 * ends the program.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SYNC_MICROSECONDS 2000
#define FILES 65536

enum { CREATE = 1, WRITE, TRUNCATE, SYNC_BEGINS, SYNC_ENDS, RENAME, UNLINK, MKDIR, RMDIR };

struct __attribute__((packed)) head {
    uint8_t what;
    uint64_t inode, number; /* number: offset, size, or which sync */
    uint32_t length;
};

static char folder[PATH_MAX];
static size_t folder_length;
static const char *fail_switch;
static int record = -1;
static uint64_t syncs;
static unsigned char known[FILES]; /* 0 not looked at, 1 none of ours, 2 ours */

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void give_up(const char *why) {
    dprintf(2, "disk.c: %s\n", why);
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *where = getenv("DISK_FOLDER"), *log = getenv("DISK_LOG");
    fail_switch = getenv("DISK_SWITCH");
    if (!where) return;
    if (!realpath(where, folder)) give_up("DISK_FOLDER is not there");
    folder_length = strlen(folder);
    if (!log || !*log) return;
    int file = REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    record = fcntl(file, F_DUPFD_CLOEXEC, 900);
    REAL(close)(file);
    if (record < 0) give_up("DISK_LOG can't be written");
    syncs = (uint64_t)getpid() << 32;
}

static int inside(const char *path) {
    size_t length = strlen(path);
    if (!folder_length || strncmp(path, folder, folder_length)) return 0;
    if (path[folder_length] && path[folder_length] != '/') return 0;
    return length < 4 || strcmp(path + length - 4, "-shm");
}

static int ours(int file) {
    char link[64], path[PATH_MAX];
    if (!folder_length || file < 0 || file >= FILES || file == record) return 0;
    if (known[file]) return known[file] == 2;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (length > 10 && !strcmp(path + length - 10, " (deleted)")) path[length - 10] = 0;
    known[file] = inside(path) ? 2 : 1;
    return known[file] == 2;
}

/* The absolute path of a name, its last part not followed; 0 when it isn't ours. */
static int place(int at, const char *name, char *path) {
    char parent[PATH_MAX], whole[PATH_MAX];
    if (!folder_length) return 0;
    if (name[0] == '/' || at == AT_FDCWD) {
        snprintf(whole, sizeof whole, "%s", name);
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t length = readlink(link, parent, sizeof parent - 1);
        if (length < 0) return 0;
        parent[length] = 0;
        if (snprintf(whole, sizeof whole, "%s/%s", parent, name) >= (int)sizeof whole) return 0;
    }
    char *slash = strrchr(whole, '/');
    const char *last = slash ? slash + 1 : whole;
    char leaf[NAME_MAX + 1];
    snprintf(leaf, sizeof leaf, "%s", last);
    if (slash) *(slash == whole ? slash + 1 : slash) = 0;
    if (!realpath(slash ? whole : ".", parent)) return 0;
    if (snprintf(path, PATH_MAX, "%s/%s", parent, leaf) >= PATH_MAX) return 0;
    return inside(path);
}

static void note(int what, uint64_t inode, uint64_t number, const struct iovec *parts, int count) {
    struct head head = {what, inode, number, 0};
    struct iovec all[IOV_MAX > 64 ? 64 : IOV_MAX];
    int error = errno;
    if (record < 0) return;
    if (count > 62) give_up("too many parts in one write");
    all[0] = (struct iovec){&head, sizeof head};
    for (int n = 0; n < count; n++) {
        all[n + 1] = parts[n];
        head.length += parts[n].iov_len;
    }
    if (REAL(writev)(record, all, count + 1) != (ssize_t)(sizeof head + head.length)) give_up("the record is full");
    errno = error;
}

static void note_text(int what, uint64_t inode, const char *text, size_t length) {
    struct iovec part = {(void *)text, length};
    note(what, inode, 0, &part, 1);
}

static uint64_t inode_of(int file) {
    struct stat facts;
    return fstat(file, &facts) ? 0 : facts.st_ino;
}

static uint64_t inode_at(const char *path) {
    struct stat facts;
    return lstat(path, &facts) ? 0 : facts.st_ino;
}

static int refused(void) {
    char text[16] = {0};
    if (!fail_switch) return 0;
    int file = REAL(open)(fail_switch, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = REAL(read)(file, text, sizeof text - 1);
    REAL(close)(file);
    if (length <= 0) return 0;
    errno = atoi(text);
    return 1;
}

/* Opening */

static int opened(int at, const char *name, int flags, mode_t mode, int (*really)(int, const char *, int, ...)) {
    char path[PATH_MAX];
    int writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
    int mine = writes && place(at, name, path);
    if (mine && refused()) return -1;
    uint64_t before = mine ? inode_at(path) : 0;
    int file = really(at, name, flags, mode);
    if (file >= 0 && file < FILES) known[file] = 0;
    if (file >= 0 && mine) {
        if (!before) note_text(CREATE, inode_of(file), path + folder_length, strlen(path + folder_length));
        else if (flags & O_TRUNC) note(TRUNCATE, before, 0, NULL, 0);
    }
    return file;
}

#define MODE                                     \
    mode_t mode = 0;                             \
    if (flags & (O_CREAT | __O_TMPFILE)) {       \
        va_list rest;                            \
        va_start(rest, flags);                   \
        mode = va_arg(rest, mode_t);             \
        va_end(rest);                            \
    }

int open(const char *name, int flags, ...) {
    MODE return opened(AT_FDCWD, name, flags, mode, REAL(openat));
}
int open64(const char *name, int flags, ...) {
    MODE return opened(AT_FDCWD, name, flags | O_LARGEFILE, mode, REAL(openat));
}
int openat(int at, const char *name, int flags, ...) {
    MODE return opened(at, name, flags, mode, REAL(openat));
}
int openat64(int at, const char *name, int flags, ...) {
    MODE return opened(at, name, flags | O_LARGEFILE, mode, REAL(openat));
}
int creat(const char *name, mode_t mode) {
    return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode, REAL(openat));
}
int close(int file) {
    if (file == record && record >= 0) return 0;
    if (file >= 0 && file < FILES) known[file] = 0;
    return REAL(close)(file);
}
int dup2(int old, int new) {
    if (new >= 0 && new < FILES) known[new] = 0;
    return REAL(dup2)(old, new);
}
int dup3(int old, int new, int flags) {
    if (new >= 0 && new < FILES) known[new] = 0;
    return REAL(dup3)(old, new, flags);
}

/* Contents */

static void note_written(int file, off_t at, const struct iovec *parts, int count, ssize_t done) {
    struct iovec cut[62];
    int n = 0;
    for (; n < count && n < 62 && done > 0; n++) {
        cut[n] = parts[n];
        if ((ssize_t)cut[n].iov_len > done) cut[n].iov_len = done;
        done -= cut[n].iov_len;
    }
    note(WRITE, inode_of(file), at, cut, n);
}

ssize_t write(int file, const void *data, size_t length) {
    if (!ours(file)) return REAL(write)(file, data, length);
    if (refused()) return -1;
    struct iovec part = {(void *)data, length};
    ssize_t done = REAL(write)(file, data, length);
    if (done > 0) note_written(file, lseek(file, 0, SEEK_CUR) - done, &part, 1, done);
    return done;
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    if (!ours(file)) return REAL(writev)(file, parts, count);
    if (refused()) return -1;
    ssize_t done = REAL(writev)(file, parts, count);
    if (done > 0) note_written(file, lseek(file, 0, SEEK_CUR) - done, parts, count, done);
    return done;
}
ssize_t pwrite(int file, const void *data, size_t length, off_t at) {
    if (!ours(file)) return REAL(pwrite)(file, data, length, at);
    if (refused()) return -1;
    struct iovec part = {(void *)data, length};
    ssize_t done = REAL(pwrite)(file, data, length, at);
    if (done > 0) note_written(file, at, &part, 1, done);
    return done;
}
ssize_t pwrite64(int file, const void *data, size_t length, off64_t at) {
    return pwrite(file, data, length, at);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
    if (!ours(file)) return REAL(pwritev)(file, parts, count, at);
    if (refused()) return -1;
    ssize_t done = REAL(pwritev)(file, parts, count, at);
    if (done > 0) note_written(file, at, parts, count, done);
    return done;
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
    return pwritev(file, parts, count, at);
}
int ftruncate(int file, off_t size) {
    if (!ours(file)) return REAL(ftruncate)(file, size);
    if (refused()) return -1;
    int done = REAL(ftruncate)(file, size);
    if (!done) note(TRUNCATE, inode_of(file), size, NULL, 0);
    return done;
}
int ftruncate64(int file, off64_t size) {
    return ftruncate(file, size);
}
int fallocate(int file, int mode, off_t at, off_t length) {
    if (ours(file)) give_up("fallocate isn't written down");
    return REAL(fallocate)(file, mode, at, length);
}
int posix_fallocate(int file, off_t at, off_t length) {
    if (ours(file)) give_up("posix_fallocate isn't written down");
    return REAL(posix_fallocate)(file, at, length);
}
void *mmap(void *near, size_t length, int rights, int flags, int file, off_t at) {
    if (flags & MAP_SHARED && rights & PROT_WRITE && ours(file)) give_up("a shared mapping isn't written down");
    return REAL(mmap)(near, length, rights, flags, file, at);
}
void *mmap64(void *near, size_t length, int rights, int flags, int file, off64_t at) {
    return mmap(near, length, rights, flags, file, at);
}
ssize_t sendfile(int out, int in, off_t *at, size_t count) {
    if (ours(out)) give_up("sendfile isn't written down");
    return ((ssize_t(*)(int, int, off_t *, size_t))dlsym(RTLD_NEXT, "sendfile"))(out, in, at, count);
}
ssize_t sendfile64(int out, int in, off64_t *at, size_t count) {
    return sendfile(out, in, at, count);
}
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t count, unsigned flags) {
    if (ours(out)) give_up("copy_file_range isn't written down");
    return REAL(copy_file_range)(in, from, out, to, count, flags);
}

/* Syncing */

static int synced(int file, int (*really)(int)) {
    if (!ours(file)) return really(file);
    if (refused()) return -1;
    uint64_t inode = inode_of(file), which = __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST);
    note(SYNC_BEGINS, inode, which, NULL, 0);
    usleep(SYNC_MICROSECONDS);
    note(SYNC_ENDS, inode, which, NULL, 0);
    return 0;
}
int fsync(int file) {
    return synced(file, REAL(fsync));
}
int fdatasync(int file) {
    return synced(file, REAL(fdatasync));
}

/* Names */

static int renamed(int from_at, const char *from, int to_at, const char *to, int done(int, const char *, int, const char *)) {
    char old[PATH_MAX], new[PATH_MAX], both[2 * PATH_MAX];
    int mine = place(from_at, from, old), there = place(to_at, to, new);
    if ((mine || there) && refused()) return -1;
    if (mine != there) give_up("a rename across the edge of the folder isn't written down");
    int result = done(from_at, from, to_at, to);
    if (!result && mine) {
        int length = snprintf(both, sizeof both, "%s", old + folder_length) + 1;
        length += snprintf(both + length, sizeof both - length, "%s", new + folder_length);
        note_text(RENAME, inode_at(new), both, length);
    }
    return result;
}
int rename(const char *from, const char *to) {
    return renamed(AT_FDCWD, from, AT_FDCWD, to, REAL(renameat));
}
int renameat(int from_at, const char *from, int to_at, const char *to) {
    return renamed(from_at, from, to_at, to, REAL(renameat));
}
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    if (flags) give_up("renameat2 isn't written down");
    return renamed(from_at, from, to_at, to, REAL(renameat));
}
static int removed(int at, const char *name, int flags) {
    char path[PATH_MAX];
    int mine = place(at, name, path);
    if (mine && refused()) return -1;
    uint64_t inode = mine ? inode_at(path) : 0;
    int done = REAL(unlinkat)(at, name, flags);
    if (!done && mine)
        note_text(flags & AT_REMOVEDIR ? RMDIR : UNLINK, inode, path + folder_length, strlen(path + folder_length));
    return done;
}
int unlink(const char *name) {
    return removed(AT_FDCWD, name, 0);
}
int unlinkat(int at, const char *name, int flags) {
    return removed(at, name, flags);
}
int rmdir(const char *name) {
    return removed(AT_FDCWD, name, AT_REMOVEDIR);
}
int remove(const char *name) {
    int done = removed(AT_FDCWD, name, 0);
    return done && errno == EISDIR ? removed(AT_FDCWD, name, AT_REMOVEDIR) : done;
}
int mkdirat(int at, const char *name, mode_t mode) {
    char path[PATH_MAX];
    int mine = place(at, name, path);
    if (mine && refused()) return -1;
    int done = REAL(mkdirat)(at, name, mode);
    if (!done && mine) note_text(MKDIR, inode_at(path), path + folder_length, strlen(path + folder_length));
    return done;
}
int mkdir(const char *name, mode_t mode) {
    return mkdirat(AT_FDCWD, name, mode);
}
int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    char path[PATH_MAX];
    if (place(to_at, to, path)) give_up("a link isn't written down");
    return REAL(linkat)(from_at, from, to_at, to, flags);
}
int link(const char *from, const char *to) {
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}
