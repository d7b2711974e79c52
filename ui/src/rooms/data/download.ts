import { call } from '../../api/client';

/** Fetches a file and hands it to the browser to keep. A refusal is thrown as a Problem, so the page can show why. */
export async function download(path: string, otherwise: string): Promise<void> {
  const response = await call(new Request(path));
  const name = /filename="?([^";]+)"?/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? otherwise;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of the file by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
