// Tells the server that a page of an admitted person was closed, so that the slot is free for the
// next one soon. A reload or another tab shows life again before that. Not told when the visitor
// only goes on from here, to a pay page say.
let goingOn = false;

export function goOnTo(url: string) {
  goingOn = true;
  window.location.assign(url);
}

export function tellWhenClosed(room: string, place: () => string | undefined): () => void {
  const hide = () => {
    const token = place();
    if (goingOn || !token) return;
    navigator.sendBeacon(`/api/v1/rooms/${encodeURIComponent(room)}/places/me/closed`, token);
  };
  const show = () => {
    goingOn = false; // back from where it went
  };
  window.addEventListener("pagehide", hide);
  window.addEventListener("pageshow", show);
  return () => {
    window.removeEventListener("pagehide", hide);
    window.removeEventListener("pageshow", show);
  };
}
