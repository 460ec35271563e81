// The address that the server answered with this app. Asking for it again brings the app again.
export const openedAt = window.location.pathname;
