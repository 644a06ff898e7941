using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>
/// Every rule for contracts. Ids are never reused; each has a page in docs/diagnostics. Error: can't be generated.
/// Warning: will fail at run time. Info: advice.
/// </summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        "RPCGEN001", "A contract must be partial", "Make '{0}' partial: the generator adds its other half to the contract '{1}'");

    public static readonly DiagnosticDescriptor FileLocal = Error(
        "RPCGEN002", "A contract must be reachable", "Remove 'file' from '{0}': generated code is another file and can't reach the contract '{1}'");

    public static readonly DiagnosticDescriptor GenericContract = Error(
        "RPCGEN003", "A contract must not be generic", "Remove the type parameters of '{0}', or derive a contract for each set of type arguments: '{1}' has one queue and can't be generic");

    public static readonly DiagnosticDescriptor ReturnType = Error(
        "RPCGEN004", "A remote method must return a task", "'{0}' returns '{1}': make it Task, Task<T>, ValueTask or ValueTask<T>");

    public static readonly DiagnosticDescriptor ReturnsVoid = Error(
        "RPCGEN005", "A remote method must not return void", "'{0}' returns void, so a caller would not learn of failures: make it Task or ValueTask");

    public static readonly DiagnosticDescriptor ByReference = Error(
        "RPCGEN006", "A remote method has no parameters by reference", "Pass '{0}' by value and return what the method changes: '{1}' runs in another process");

    public static readonly DiagnosticDescriptor NotSerializable = Error(
        "RPCGEN007", "Pointers and ref structs don't travel", "'{0}' is a pointer or a ref struct, which can't travel: use an array, a list or a class in '{1}'");

    public static readonly DiagnosticDescriptor UnsupportedMember = Error(
        "RPCGEN008", "A contract has methods only", "Make '{0}' a method, or give it a default implementation: events, properties, indexers and static abstract members can't be called remotely");

    public static readonly DiagnosticDescriptor GenericMethod = Error(
        "RPCGEN009", "A remote method must not be generic", "Remove the type parameters of '{0}': the server has to know which types arrive");

    public static readonly DiagnosticDescriptor DuplicateWireName = Error(
        "RPCGEN010", "Methods must differ on the wire", "'{0}' and '{1}' are both called '{2}' on the wire: give one of them another name with [RpcMethod(\"…\")]");

    public static readonly DiagnosticDescriptor ManyTokens = Error(
        "RPCGEN011", "A remote method takes one CancellationToken", "'{0}' takes more than one CancellationToken: remove '{1}'");

    public static readonly DiagnosticDescriptor TimeoutRange = Error(
        "RPCGEN012", "A timeout must be positive", "A timeout of {0} ms lets no call succeed: it must be at least 1");

    public static readonly DiagnosticDescriptor QueueName = Error(
        "RPCGEN013", "Invalid queue name", "The queue name '{0}' of '{1}' must have 1 to 255 UTF-8 bytes and not start with 'amq.', which is reserved for brokers");

    public static readonly DiagnosticDescriptor WireName = Error(
        "RPCGEN014", "Invalid wire name", "The wire name '{0}' of '{1}' must have 1 to 255 UTF-8 bytes and not start with '$', which is reserved for RpcGen");

    public static readonly DiagnosticDescriptor BareStyle = Error(
        "RPCGEN015", "The bare body style wants one method of one parameter", "'{0}' has bare bodies, which hold one value and no method name: give it exactly one method with one parameter besides the CancellationToken, or use RpcBodyStyle.Object");

    public static readonly DiagnosticDescriptor FaultNotRebuilt = Error(
        "RPCGEN016", "A fault must be possible to rebuild", "'{0}' can't be rebuilt by the caller: {1}");

    public static readonly DiagnosticDescriptor FaultMemberLost = Warning(
        "RPCGEN017", "A member of a fault is not restored", "'{0}' can't be restored by the caller: give '{1}' a constructor parameter or a setter for it, or mark it [JsonIgnore]");

    public static readonly DiagnosticDescriptor FaultMessageComposed = Warning(
        "RPCGEN018", "A fault composes its message", "'{0}' composes its Message from the one that its constructor takes, so that the caller sees parts of it twice: declare an exception of your own that doesn't");

    public static readonly DiagnosticDescriptor DuplicateFault = Error(
        "RPCGEN019", "A fault is declared twice", "{0} is declared twice for '{1}': a caller could not tell the faults apart");

    public static readonly DiagnosticDescriptor FaultCode = Error(
        "RPCGEN020", "Invalid fault code", "The fault code '{0}' must have 1 to 255 UTF-8 bytes and be none of RpcGen's own: validation, protocol, too-large, unknown-method, unsupported, unauthenticated, permission-denied, unavailable, overloaded, interrupted, internal, result-too-large, timeout, cancelled");

    public static readonly DiagnosticDescriptor DeliveryConflict = Error(
        "RPCGEN021", "Idempotent and at most once exclude each other", "'{0}' can't be both [RpcIdempotent], sent again when in doubt, and [RpcAtMostOnce], never run again: remove one");

    public static readonly DiagnosticDescriptor AmbiguousBase = Error(
        "RPCGEN022", "Bases declare the same method", "'{0}' has '{1}' from both '{2}' and '{3}', so that a call of it is ambiguous: declare it in '{0}' with 'new' and with the result of both, or leave one out");

    public static readonly DiagnosticDescriptor NoToken = Info(
        "RPCGEN023", "A remote method should take a CancellationToken", "'{0}' takes no CancellationToken, so its callers can't cancel: add 'CancellationToken cancellationToken = default'");

    public static readonly DiagnosticDescriptor TokenNotLast = Info(
        "RPCGEN024", "The CancellationToken should come last", "Move '{0}' to the end of the parameters of '{1}', where callers expect it");

    public static readonly DiagnosticDescriptor ObjectResult = Info(
        "RPCGEN025", "A result of type object arrives as JsonElement", "'{0}' returns object, which arrives as a JsonElement: name the type that travels");

    public static readonly DiagnosticDescriptor ValidationOnWrongType = Warning(
        "RPCGEN026", "A validation attribute does not fit its value", "'[{0}]' can't check '{1}', and is left out: {2}");

    public static readonly DiagnosticDescriptor ValidationOutOfReach = Warning(
        "RPCGEN027", "Validation is out of reach", "'{0}' of '{1}' is not checked: {2}");

    public static readonly DiagnosticDescriptor MissingMetadata = Warning(
        "RPCGEN028", "JSON metadata is missing", "'{0}' has no JSON metadata, and reflection is off, so that clients and servers of '{1}' can't be made: add [JsonSerializable(typeof({0}))] to a JsonSerializerContext of this project");

    public static readonly DiagnosticDescriptor ContextOptions = Warning(
        "RPCGEN029", "A context has options that RpcGen does not follow", "'{0}' of '{1}' does not hold for messages of contracts, which RpcGen's own options govern: put attributes like [JsonPropertyName] on the types instead, or keep a context for contracts only");

    public static readonly DiagnosticDescriptor TupleLost = Warning(
        "RPCGEN030", "A tuple loses its values", "'{0}' arrives without its values where JSON metadata is generated, as it is for '{1}': use a record");

    public static readonly DiagnosticDescriptor NotTheContract = Error(
        "RPCGEN031", "Name the contract, not the class", "'{0}' is no contract: write {1}<{2}>, the contract that it implements");

    public static readonly DiagnosticDescriptor ShippedChanged = Warning(
        "RPCGEN032", "What is shipped has changed", "'{0}' is shipped as '{1}' and now is '{2}': {3} break, so take it back or give what changed a new name");

    public static readonly DiagnosticDescriptor NotRecorded = Warning(
        "RPCGEN033", "A part of a contract is not recorded", "'{0}' is new: add it to RpcContracts.Unshipped.txt");

    public static readonly DiagnosticDescriptor ShippedGone = new(
        "RPCGEN034", "What is recorded is gone", "'{0}' is recorded and gone: {1} break, so bring it back or remove the line", "RpcGen.Contracts",
        DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help("RPCGEN034"), customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor OneWayResult = Error(
        "RPCGEN035", "A one-way method has no result", "'{0}' is {1}, so that no reply brings its result: make it {2}");

    public static readonly DiagnosticDescriptor OneWayConflict = Error(
        "RPCGEN036", "One-way and broadcast exclude each other", "'{0}' can't be both [RpcOneWay], run by one instance of the server, and [RpcBroadcast], run by all of them: remove one");

    public static readonly DiagnosticDescriptor OneWayBare = Error(
        "RPCGEN037", "Bare bodies are for calls with a reply", "'{0}' is {1}, which peers of the bare body style don't know: wait for the reply, or use RpcBodyStyle.Object");

    public static readonly DiagnosticDescriptor OneWayFault = Warning(
        "RPCGEN038", "A fault of a one-way method never arrives", "'{0}' is {1}, so that its caller never gets '{2}': remove [RpcFault], or wait for the reply");

    public static readonly DiagnosticDescriptor PriorityRange = Error(
        "RPCGEN039", "A priority is 0 to 9", "A priority of {0} is not one of the wire's: it must be 0 to 9");

    public static readonly DiagnosticDescriptor BatchingWithoutEffect = Info(
        "RPCGEN040", "Batching has no effect", "Remove [RpcBatching]: '{0}' {1}");

    public static readonly DiagnosticDescriptor PolicyName = Error(
        "RPCGEN041", "A policy has a name", "Name the policy that '{0}' demands: an empty name stands for none, and would be mistaken for protection");

    public static readonly DiagnosticDescriptor RunsAtCaller = Info(
        "RPCGEN042", "A method with an implementation runs where it is called", "'{0}' has an implementation, so that it is no remote method and runs in the caller's process: remove the body, or make the method sealed to say that this is meant");

    public static readonly DiagnosticDescriptor BaseOutOfReach = Error(
        "RPCGEN043", "A method of a base is out of reach", "'{0}' is internal to '{1}', so that nothing outside can implement '{2}': make it public there, or leave the base out");

    public static readonly DiagnosticDescriptor LanguageVersion = Error(
        "RPCGEN044", "Contracts need C# 12", "The other half of '{0}' needs C# 12 or later, and this project is compiled as C# {1}: remove <LangVersion> from it, or raise it");

    public static readonly DiagnosticDescriptor UnsupportedByJson = Warning(
        "RPCGEN045", "A type can't travel as JSON", "'{0}' can't be written and read as JSON, so that calls with it fail: {2} in '{1}', or give it a [JsonConverter]");

    private static DiagnosticDescriptor Error(string id, string title, string message) => Rule(id, title, message, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Warning(string id, string title, string message) => Rule(id, title, message, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Info(string id, string title, string message) => Rule(id, title, message, DiagnosticSeverity.Info);

    private static DiagnosticDescriptor Rule(string id, string title, string message, DiagnosticSeverity severity) =>
        new(id, title, message, "RpcGen.Contracts", severity, isEnabledByDefault: true, helpLinkUri: Help(id));

    private static string Help(string id) => $"docs/diagnostics/{id}.md";
}
