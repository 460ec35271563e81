// The wait page is the server's own small page, outside this app: going there loads a document.
export const waitPath = (room: string, performance?: string) =>
  `/wait/${encodeURIComponent(room)}` +
  (performance ? `?performance=${encodeURIComponent(performance)}` : "");

export const goToWait = (room: string, performance?: string) =>
  window.location.replace(waitPath(room, performance));
