The generator cannot add members to the contract 'INotPartial', because 'INotPartial' is not partial: add 'partial'
'amq.x' is not a valid name of a queue or exchange for 'IOrders': use 1 to 255 UTF-8 bytes that do not start with 'amq.', which is reserved for brokers
The contract 'IOrders' has bare bodies, which hold one value and no method name: give it exactly one method with one parameter besides the CancellationToken, or use RpcBodyStyle.Object
The remote method 'A' returns 'int': return Task, Task<T>, ValueTask or ValueTask<T>
The parameter 'a' is passed by reference, but 'A' runs in another process: pass it by value, and return what the method changes
The type 'Span<int>' in 'A' is a pointer or a ref struct, which cannot leave the process: use an array, a list or a class
The remote method 'A' takes more than one CancellationToken: remove 'd'
The remote method 'B' returns void, so callers would not learn about failures: return Task or ValueTask
The remote method 'B' is generic, but the server must know the types of its arguments: remove the type parameters
The methods 'IOrders.CAsync(int)' and 'IOrders.C()' have the same wire name 'C': give one of them another name with [RpcMethod("…")]
The member 'E' cannot be called remotely, because it is not an instance method: make it one, or give it a default implementation
No call can succeed within a timeout of 0 ms: use at least 1 ms
The fault code 'timeout' is invalid: use 1 to 255 UTF-8 bytes, and none of the reserved codes validation, protocol, too-large, unknown-method, unsupported, unauthenticated, permission-denied, unavailable, overloaded, interrupted, internal, result-too-large, timeout, cancelled
The caller sees parts of the message twice, because 'ArgumentException' composes its Message from the one that its constructor takes: declare an exception of your own that does not
'D' is both [RpcIdempotent], which repeats calls in doubt, and [RpcAtMostOnce], which never runs a call again: remove one
The wire name '$' of 'D' is invalid: use 1 to 255 UTF-8 bytes that do not start with '$', which is reserved for RpcGen
