[
  "Outer.IOrders 2.1.0.0 orders",
  "List`1 Find(Int32 id, String hint, Boolean all?, String[] rest?)",
  " Forget()"
]