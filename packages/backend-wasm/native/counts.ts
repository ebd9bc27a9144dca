// Numbers that a generic function knows as it is compiled, where a parameter of an inlined one may come too late for
// its loop to be freed of what it does not need: a class of n one-byte fields is `offsetof` n.
@unmanaged
export class One {
  a: u8;
}
@unmanaged
export class Two extends One {
  b: u8;
}
@unmanaged
export class Three extends Two {
  c: u8;
}
@unmanaged
export class Four extends Three {
  d: u8;
}
@unmanaged
export class Five extends Four {
  e: u8;
}
@unmanaged
export class Six extends Five {
  f: u8;
}
