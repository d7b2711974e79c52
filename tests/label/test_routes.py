"""The label room over HTTP: the real app, tokens, several people."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.testclient import TestClient

from strongroom import jobs
from strongroom.people import tokens
from strongroom.web import Settings, create_app

FORM = """\
name: Port incidents
overlap: 2
guideline: Read it.
fields:
  - {key: kind, kind: class, title: What happened?, labels: [{id: spill, title: Oil spill}, {id: fire}]}
"""
Http = Callable[[str], TestClient]


@pytest.fixture
def http(room: Any) -> Iterator[Http]:
    """A client for a person, who works at the lowest level unless a request says otherwise."""
    app = create_app(room.vault, Settings())
    with ExitStack() as stack:
        clients: dict[str, TestClient] = {}

        def client(login: str) -> TestClient:
            if login not in clients:
                with room.vault.registry(write=True) as session:
                    _, secret = tokens.issue(
                        session,
                        room.people[login].person_id,
                        "test",
                        ["read", "label", "manage"],
                        days=1,
                        longest_days=1,
                    )
                made = TestClient(app, base_url="http://127.0.0.1:8710/api/v1", raise_server_exceptions=False)
                made.headers["Authorization"] = f"Bearer {secret}"
                clients[login] = stack.enter_context(made)
            return clients[login]

        yield client


def ok(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json() if response.content else None


def problem(response: Any, status: int, code: str) -> Any:
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    return body


def create(room: Any, http: Http, *annotators: str, form: str = FORM, **asked: Any) -> str:
    for login in ("olga", *annotators):
        if login not in room.people:
            room.person(login, "Restricted" if login == "olga" else "Confidential")
    project = ok(http("olga").post("/projects", json={"form": form, **asked}), 201)
    for login in annotators:
        path = f"/projects/{project['id']}/members/{room.people[login].person_id}"
        ok(http("olga").put(path, json={"roles": ["annotator"]}))
    return str(project["id"])


def send(
    http: Http, project: str, content: str | bytes, name: str = "rows.jsonl", *, key: str = "", **options: Any
) -> Any:
    return http("olga").post(
        f"/projects/{project}/imports",
        files={"file": (name, content)},
        data={"options": json.dumps(options)},
        headers={"Idempotency-Key": key} if key else {},
    )


def bring(room: Any, http: Http, project: str, content: str | bytes, name: str = "rows.jsonl") -> Any:
    made = ok(send(http, project, content, name), 202)
    jobs.run_waiting(room.vault)
    return ok(http("olga").get(f"/imports/{made['id']}"))


def test_from_a_form_to_a_dataset(room: Any, http: Http) -> None:
    project = create(room, http, "ana", "ben")
    shown = ok(http("ana").get(f"/projects/{project}"))
    assert (shown["name"], shown["overlap"], shown["roles"]) == ("Port incidents", 2, ["annotator"])
    brought = bring(
        room, http, project, "id,text,marking\n1,Oil on the quay,\n2,Smoke,\n3,Bad,NONSENSE\n", "a.csv"
    )
    assert brought["tallies"][0]["added"] == 2
    rejected = ok(http("olga").get(f"/imports/{brought['id']}/rejections"))
    assert [each["line"] for each in rejected["items"]] == [4]
    assert ok(http("ana").get("/home"))["groups"][0]["projects"][0]["waiting"] == 2
    for login in ("ana", "ben"):
        for _ in range(2):
            task = ok(http(login).post(f"/projects/{project}/next", json={"held": []}))
            body = {"lease": task["lease"], "result": {"kind": "spill"}, "seconds": 3}
            ok(http(login).post(f"/assignments/{task['id']}/submit", json=body))
        assert http(login).post(f"/projects/{project}/next", json={}).status_code == 204
    assert ok(http("olga").get(f"/projects/{project}/progress"))["tasks"]["done"] == 2
    recent = ok(http("ana").get(f"/projects/{project}/recent"))["items"]
    assert [each["summary"] for each in recent] == ["Oil spill", "Oil spill"]
    listed = ok(http("olga").get(f"/projects/{project}/tasks", params={"q": "OIL", "state": "done"}))
    assert [each["external_id"] for each in listed["items"]] == ["1"]
    assert listed["items"][0]["consensus"]["kind"]["value"] == "spill"
    task = ok(http("olga").get(f"/tasks/{listed['items'][0]['id']}"))
    assert [each["person"]["login"] for each in task["answers"]] == ["ana", "ben"]
    made = ok(http("olga").post(f"/projects/{project}/exports", json={"name": "First"}), 202)
    jobs.run_waiting(room.vault)
    made = ok(http("olga").get(f"/datasets/{made['id']}"))
    assert (made["name"], made["job"]["state"], made["answers"]) == ("First", "done", 4)
    file = http("olga").get(f"/datasets/{made['id']}/download")
    assert [json.loads(line)["id"] for line in file.text.splitlines()] == ["1", "2"]
    assert file.headers["content-disposition"] == 'attachment; filename="dataset-1.jsonl"'


def test_sixteen_clients_at_once_are_exact_over_http(room: Any, http: Http) -> None:
    crew = [f"worker{n}" for n in range(16)]
    project = create(room, http, *crew)
    bring(room, http, project, "".join(f'{{"text": "text {n}"}}\n' for n in range(40)))
    clients = [http(login) for login in crew]
    given: list[str] = []
    failures: list[str] = []

    def work(client: TestClient) -> None:
        while (answer := client.post(f"/projects/{project}/next", json={})).status_code == 200:
            task = answer.json()
            body = {"lease": task["lease"], "result": {"kind": "fire"}, "seconds": 1}
            sent = client.post(
                f"/assignments/{task['id']}/submit", json=body, headers={"Idempotency-Key": task["id"]}
            )
            if sent.status_code != 200:
                failures.append(sent.text)
                return
            given.append(task["task"]["id"])
        if answer.status_code != 204:
            failures.append(answer.text)

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Counter(Counter(given).values()) == {2: 40}
    assert room.wrong(project) == []


def test_a_submit_sent_twice_is_answered_the_same_byte_for_byte(room: Any, http: Http) -> None:
    project = create(room, http, "ana")
    bring(room, http, project, '{"text": "a"}\n')
    task = ok(http("ana").post(f"/projects/{project}/next", json={}))
    body = {"lease": task["lease"], "result": {"kind": "fire"}, "seconds": 1}
    path, key = f"/assignments/{task['id']}/submit", {"Idempotency-Key": "k"}
    first, second = (http("ana").post(path, json=body, headers=key) for _ in range(2))
    assert ok(first)["revision"] == 1
    assert first.content == second.content
    problem(http("ana").post(path, json={**body, "seconds": 2}, headers=key), 409, "conflict")
    assert (
        ok(http("ana").post(path, json={**body, "lease": None}, headers={"Idempotency-Key": "k2"}))[
            "revision"
        ]
        == 2
    )


def test_an_import_or_a_project_sent_twice_is_made_once(room: Any, http: Http) -> None:
    project = create(room, http)
    first, second = (ok(send(http, project, '{"text": "a"}\n', key="i"), 202) for _ in range(2))
    assert first["id"] == second["id"]
    problem(send(http, project, '{"text": "b"}\n', key="i"), 409, "conflict")
    jobs.run_waiting(room.vault)
    assert room.count(project) == 1
    made = [
        ok(http("olga").post("/projects", json={"form": FORM}, headers={"Idempotency-Key": "p"}), 201)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(ok(http("olga").get("/projects"))["items"]) == 2


def test_what_is_refused_at_the_desk_says_what_was_kept(room: Any, http: Http) -> None:
    project = create(room, http, "ana")
    bring(room, http, project, '{"text": "a"}\n')
    task = ok(http("ana").post(f"/projects/{project}/next", json={}))
    path = f"/assignments/{task['id']}"
    unfit = {"lease": task["lease"], "result": {"kind": "flood"}}
    told = problem(http("ana").post(f"{path}/submit", json=unfit), 422, "invalid")
    assert told["errors"] == [{"where": "kind", "why": "'flood' is not a label of this field"}]
    told = problem(
        http("ana").post(f"{path}/submit", json={"lease": "x", "result": {"kind": "fire"}}), 409, "lease_lost"
    )
    assert told["kept"] == "Your work is kept as a draft of this task."
    assert ok(http("ana").get(path))["draft"] == {"kind": "fire"}
    level = {"Strongroom-Level": "INTERNAL"}
    told = problem(http("ana").put(f"{path}/draft", json={"result": {}}, headers=level), 409, "level_changed")
    assert told["remedy"] == "Switch your working level to PUBLIC and try again."
    ok(http("olga").delete(f"/projects/{project}"), 204)
    told = problem(
        http("ana").post(f"{path}/submit", json={**unfit, "result": {"kind": "fire"}}), 409, "project_removed"
    )
    assert "draft" in told["kept"]
    problem(http("ana").post(f"/projects/{project}/next", json={}), 404, "not_found")
    assert ok(http("ana").get("/home")) == {"groups": [], "manages": []}


def test_a_project_at_another_level_is_changed_there_only(room: Any, http: Http) -> None:
    project = create(room, http)
    inside = {"Strongroom-Level": "INTERNAL"}
    problem(
        http("olga").patch(f"/projects/{project}", json={"name": "New"}, headers=inside), 409, "level_changed"
    )
    assert ok(http("olga").patch(f"/projects/{project}", json={"name": "New"}))["name"] == "New"


def test_changing_titles_is_free_and_a_label_with_answers_cannot_go(room: Any, http: Http) -> None:
    project = create(room, http, "ana")
    bring(room, http, project, '{"text": "a"}\n{"text": "b"}\n')
    task = ok(http("ana").post(f"/projects/{project}/next", json={}))
    ok(
        http("ana").post(
            f"/assignments/{task['id']}/submit", json={"lease": task["lease"], "result": {"kind": "spill"}}
        )
    )
    renamed = FORM.replace("Oil spill", "Slick").replace("{id: fire}", "{id: fire}, {id: other}")
    changed = ok(http("olga").patch(f"/projects/{project}", json={"form": renamed}))
    assert changed["guideline_version"] == 2
    told = problem(
        http("olga").patch(f"/projects/{project}", json={"form": FORM.replace("spill", "oil")}),
        409,
        "conflict",
    )
    assert told["count"] == 1
    ok(http("olga").patch(f"/projects/{project}", json={"form": FORM}))
    problem(
        http("olga").patch(f"/projects/{project}", json={"form": FORM.replace("key: kind", "key: sort")}),
        409,
        "conflict",
    )


def test_a_form_with_a_key_twice_is_refused_with_the_place(room: Any, http: Http) -> None:
    room.person("olga")
    form = {"fields": [{"key": "k", "kind": "text", "title": "T"}] * 2}
    told = problem(http("olga").post("/projects", json={"form": form, "name": "N"}), 422, "invalid")
    assert told["errors"] == [{"where": "fields[1].key", "why": "the key 'k' is used by an earlier field"}]
    problem(http("olga").post("/projects", json={"form": FORM + "name: again\n"}), 422, "invalid")
    problem(
        http("olga").post("/projects", json={"form": FORM.replace("name: Port incidents", "")}),
        422,
        "invalid",
    )


def test_what_cannot_be_seen_is_as_absent_as_what_never_was(room: Any, http: Http) -> None:
    room.person("olga", "Restricted")
    room.person("pat", "Public")
    inside = {"Strongroom-Level": "INTERNAL"}
    project = ok(http("olga").post("/projects", json={"form": FORM}, headers=inside), 201)["id"]
    made = http("olga").post(
        f"/projects/{project}/imports", files={"file": ("a.jsonl", '{"text": "a"}\n')}, headers=inside
    )
    import_id = ok(made, 202)["id"]
    jobs.run_waiting(room.vault)
    task = ok(http("olga").post(f"/projects/{project}/next", json={}, headers=inside))
    exported = http("olga").post(f"/projects/{project}/exports", json={}, headers=inside)
    dataset_id = ok(exported, 202)["id"]
    asked: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", "/projects/{}", None),
        ("PATCH", "/projects/{}", {"name": "x"}),
        ("DELETE", "/projects/{}", None),
        ("GET", "/projects/{}/members", None),
        ("PUT", "/projects/{}/members/" + room.people["pat"].person_id, {"roles": ["owner"]}),
        ("POST", "/projects/{}/next", {}),
        ("GET", "/projects/{}/progress", None),
        ("GET", "/projects/{}/tasks", None),
        ("GET", "/projects/{}/recent", None),
        ("GET", "/projects/{}/imports", None),
        ("POST", "/projects/{}/exports", {}),
        ("GET", "/projects/{}/datasets", None),
    ]
    probes = [(method, path.format(project), path.format("0" * 32), body) for method, path, body in asked]
    others: list[tuple[str, str, str, dict[str, Any] | None]] = [
        ("GET", "/imports/{}", import_id, None),
        ("GET", "/imports/{}/rejections", import_id, None),
        ("GET", "/tasks/{}", task["task"]["id"], None),
        ("GET", "/datasets/{}", dataset_id, None),
        ("GET", "/datasets/{}/download", dataset_id, None),
        ("GET", "/assignments/{}", task["id"], None),
        ("PUT", "/assignments/{}/draft", task["id"], {"result": {}}),
        ("POST", "/assignments/{}/submit", task["id"], {"lease": "x", "result": {}}),
        ("POST", "/assignments/{}/heartbeat", task["id"], {"lease": "x"}),
        ("POST", "/assignments/{}/skip", task["id"], {"lease": "x", "reason": "r"}),
        ("POST", "/assignments/{}/flag", task["id"], {"note": "n"}),
    ]
    probes += [
        (method, path.format(there), path.format("0" * 32), body) for method, path, there, body in others
    ]
    for method, hidden, absent, body in probes:
        answers = [http("pat").request(method, path, json=body) for path in (hidden, absent)]
        assert answers[0].status_code == 404, (method, hidden, answers[0].text)
        assert answers[0].content == answers[1].content
        assert [
            (k, v) for k, v in answers[0].headers.items() if k not in ("date", "x-request-id", "request-id")
        ] == [
            (k, v) for k, v in answers[1].headers.items() if k not in ("date", "x-request-id", "request-id")
        ]


def test_an_annotator_manages_nothing(room: Any, http: Http) -> None:
    project = create(room, http, "ana")
    brought = bring(room, http, project, '{"text": "a"}\n')
    task = ok(http("ana").post(f"/projects/{project}/next", json={}))["task"]["id"]
    for method, path, body in [
        ("PATCH", f"/projects/{project}", {"name": "x"}),
        ("DELETE", f"/projects/{project}", None),
        ("GET", f"/projects/{project}/members", None),
        ("GET", f"/projects/{project}/progress", None),
        ("GET", f"/projects/{project}/tasks", None),
        ("GET", f"/tasks/{task}", None),
        ("GET", f"/imports/{brought['id']}", None),
        ("POST", f"/projects/{project}/exports", {}),
    ]:
        problem(http("ana").request(method, path, json=body), 403, "not_permitted")


def test_only_an_owner_makes_or_unmakes_owners_and_one_stays(room: Any, http: Http) -> None:
    project = create(room, http, "ana", "ben")
    ids = {login: room.people[login].person_id for login in ("olga", "ana", "ben")}
    ok(http("olga").put(f"/projects/{project}/members/{ids['ana']}", json={"roles": ["manager"]}))
    for person in ("ana", "ben"):
        told = http("ana").put(f"/projects/{project}/members/{ids[person]}", json={"roles": ["owner"]})
        problem(told, 403, "not_permitted")
    problem(http("ana").delete(f"/projects/{project}/members/{ids['olga']}"), 403, "not_permitted")
    problem(http("olga").delete(f"/projects/{project}/members/{ids['olga']}"), 409, "conflict")
    problem(
        http("olga").put(f"/projects/{project}/members/{'0' * 32}", json={"roles": ["annotator"]}),
        404,
        "not_found",
    )
    ok(http("ana").delete(f"/projects/{project}/members/{ids['ben']}"), 204)
    members = ok(http("olga").get(f"/projects/{project}/members"))["items"]
    assert {each["person"]["login"]: each["roles"] for each in members} == {
        "ana": ["manager"],
        "olga": ["owner"],
    }


@pytest.mark.parametrize(
    ("content", "name", "options", "words"),
    [
        ("text\nHäfen\n".encode("latin-1"), "a.csv", "{}", "byte 6 (line 2)"),
        (b"PK\3\4 not a zip", "a.zip", "{}", "not a sound zip"),
        (b"a,b\n1,2\n", "a.csv", "{}", "no column is known to hold the text"),
        (b'[{"text": "a"}]', "a.json", "{}", "JSON array"),
        (b'{"text": "a"}', "a.jsonl", '{"colour": "red"}', "options"),
        (b'{"text": "a"}', "a.jsonl", "{", "options"),
        (b'{"text": "a"}', "a.jsonl", '{"default_marking": "NONSENSE"}', "default marking"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_while_its_owner_waits(
    room: Any, http: Http, content: bytes, name: str, options: str, words: str
) -> None:
    project = create(room, http)
    answer = http("olga").post(
        f"/projects/{project}/imports", files={"file": (name, content)}, data={"options": options}
    )
    assert words in problem(answer, 422, "invalid")["detail"]
    assert list((room.vault.folder / "uploads").glob("*")) == []


def test_pages_follow_each_other_and_a_forged_cursor_is_refused(room: Any, http: Http) -> None:
    project = create(room, http)
    bring(room, http, project, "".join(f'{{"text": "text {n}"}}\n' for n in range(7)))
    seen, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        listed = ok(http("olga").get(f"/projects/{project}/tasks", params=params))
        seen += [each["excerpt"] for each in listed["items"]]
        cursor = listed["next"]
        if cursor is None:
            break
    assert seen == [f"text {n}" for n in range(7)]
    problem(http("olga").get(f"/projects/{project}/tasks", params={"cursor": "AAAA"}), 422, "invalid")


@pytest.mark.parametrize("state", ["untouched", "started", "done", "flagged", "skipped"])
def test_tasks_are_found_by_their_state(room: Any, http: Http, state: str) -> None:
    project = create(room, http, "ana", overlap=1)
    bring(
        room,
        http,
        project,
        "".join(f'{{"text": "{text}"}}\n' for text in ("done", "skipped", "started", "untouched")),
    )
    for text in ("done", "skipped", "started"):
        task = ok(http("ana").post(f"/projects/{project}/next", json={"held": []}))
        assert task["task"]["text"] == text
        path, lease = f"/assignments/{task['id']}", task["lease"]
        if text == "done":
            ok(http("ana").post(f"{path}/flag", json={"note": "look here"}))
            ok(http("ana").post(f"{path}/submit", json={"lease": lease, "result": {"kind": "fire"}}))
        elif text == "skipped":
            ok(http("ana").post(f"{path}/skip", json={"lease": lease, "reason": "unclear"}))
    found = [
        each["excerpt"]
        for each in ok(http("olga").get(f"/projects/{project}/tasks", params={"state": state}))["items"]
    ]
    expected = {"untouched": ["skipped", "untouched"], "flagged": ["done"]}
    assert found == expected.get(state, [state])


SCRIPTS = [
    "<script>alert(1)</script>",
    "'; DROP TABLE task; --",
    "{{7*7}}",
    "\u202eevil",
    "a\u0000b",
    "%s%n",
    "💥" * 50,
]


@pytest.mark.parametrize("text", SCRIPTS)
def test_hostile_text_comes_back_as_it_went_in_or_is_refused(room: Any, http: Http, text: str) -> None:
    project = create(room, http, "ana", name=f"N {text}" if "\0" not in text else "N")
    found = bring(room, http, project, json.dumps({"text": text, "id": text[:100], "x": text}) + "\n")
    if "\0" in text:
        assert found["rejected"] == 1
        return
    task = ok(http("ana").post(f"/projects/{project}/next", json={}))
    assert (task["task"]["text"], task["task"]["data"]["x"]) == (text, text)
    ok(http("ana").post(f"/assignments/{task['id']}/flag", json={"note": text}))
    ok(http("ana").post(f"/assignments/{task['id']}/skip", json={"lease": task["lease"], "reason": text}))
    (row,) = ok(http("olga").get(f"/projects/{project}/tasks", params={"q": text.lower()}))["items"]
    assert ok(http("olga").get(f"/tasks/{row['id']}"))["flags"] == [text]
