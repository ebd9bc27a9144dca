const address = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** Whether a host to listen on is reached by this machine alone. */
export const isLoopback = (host: string): boolean => address.test(host);
