Make 'INotPartial' partial: the generator adds its other half to the contract 'INotPartial'
The queue name 'amq.x' of 'IOrders' must have 1 to 255 UTF-8 bytes and not start with 'amq.', which is reserved for brokers
'IOrders' has bare bodies, which hold one value and no method name: give it exactly one method with one parameter besides the CancellationToken, or use RpcBodyStyle.Object
'A' returns 'int': make it Task, Task<T>, ValueTask or ValueTask<T>
Pass 'a' by value and return what the method changes: 'A' runs in another process
'Span<int>' is a pointer or a ref struct, which can't travel: use an array, a list or a class in 'A'
'A' takes more than one CancellationToken: remove 'd'
'B' returns void, so a caller would not learn of failures: make it Task or ValueTask
Remove the type parameters of 'B': the server has to know which types arrive
'IOrders.CAsync(int)' and 'IOrders.C()' are both called 'C' on the wire: give one of them another name with [RpcMethod("…")]
Make 'E' a method, or give it a default implementation: events, properties, indexers and static abstract members can't be called remotely
A timeout of 0 ms lets no call succeed: it must be at least 1
The fault code 'timeout' must have 1 to 255 UTF-8 bytes and be none of RpcGen's own: validation, protocol, too-large, unknown-method, unsupported, unauthenticated, permission-denied, unavailable, overloaded, interrupted, internal, result-too-large, timeout, cancelled
'ArgumentException' composes its Message from the one that its constructor takes, so that the caller sees parts of it twice: declare an exception of your own that doesn't
'D' can't be both [RpcIdempotent], sent again when in doubt, and [RpcAtMostOnce], never run again: remove one
The wire name '$' of 'D' must have 1 to 255 UTF-8 bytes and not start with '$', which is reserved for RpcGen
