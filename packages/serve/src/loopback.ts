const names = String.raw`localhost|127(\.\d{1,3}){3}`;
const address = new RegExp(`^(${names}|::1)$`, 'i');
const header = new RegExp(String.raw`^(${names}|\[::1\])(:\d{1,5})?$`, 'i');

/** Whether a host to listen on is reached by this machine alone. */
export const isLoopback = (host: string): boolean => address.test(host);

/** Whether a request's `Host`, with any port, is a name of this machine that no DNS server can give to another. */
export const namesLoopback = (host: string): boolean => header.test(host);
