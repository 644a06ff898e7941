[
  "s 1 Point { X = 3, Y =  } a,b True",
  "s 2   False",
  null,
  14,
  9,
  "BaseException b 8  ",
  "DerivedException d 7 n 00000000-0000-0000-0000-000000000001"
]