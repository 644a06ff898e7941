using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Diagnostics;

/// <summary>
/// All rules for contracts. Ids are never reused; each has a page in docs/diagnostics. Error: the contract cannot be generated.
/// Warning: the contract will fail at run time. Info: advice.
/// </summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        "RPCGEN001", "A contract must be partial", "The generator cannot add members to the contract '{1}', because '{0}' is not partial: add 'partial'");

    public static readonly DiagnosticDescriptor FileLocal = Error(
        "RPCGEN002", "A contract must not be file-local", "Generated code, which is in another file, cannot access the contract '{1}', because '{0}' is a file-local type: remove 'file'");

    public static readonly DiagnosticDescriptor GenericContract = Error(
        "RPCGEN003", "A contract must not be generic", "The contract '{1}' has one queue, but the type parameters of '{0}' make it generic: remove them, or derive a contract for each set of type arguments");

    public static readonly DiagnosticDescriptor ReturnType = Error(
        "RPCGEN004", "A remote method must return a task or a stream", "The remote method '{0}' returns '{1}': return Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>");

    public static readonly DiagnosticDescriptor ReturnsVoid = Error(
        "RPCGEN005", "A remote method must not return void", "The remote method '{0}' returns void, so callers would not learn about failures: return Task or ValueTask");

    public static readonly DiagnosticDescriptor ByReference = Error(
        "RPCGEN006", "A remote method must not have parameters by reference", "The parameter '{0}' is passed by reference, but '{1}' runs in another process: pass it by value, and return what the method changes");

    public static readonly DiagnosticDescriptor NotSerializable = Error(
        "RPCGEN007", "Pointers and ref structs cannot be transmitted", "The type '{0}' in '{1}' is a pointer or a ref struct, which cannot leave the process: use an array, a list or a class");

    public static readonly DiagnosticDescriptor UnsupportedMember = Error(
        "RPCGEN008", "A contract must only have methods", "The member '{0}' cannot be called remotely, because it is not an instance method: make it one, or give it a default implementation");

    public static readonly DiagnosticDescriptor GenericMethod = Error(
        "RPCGEN009", "A remote method must not be generic", "The remote method '{0}' is generic, but the server must know the types of its arguments: remove the type parameters");

    public static readonly DiagnosticDescriptor DuplicateWireName = Error(
        "RPCGEN010", "Remote methods must have different wire names", "The methods '{0}' and '{1}' have the same wire name '{2}': give one of them another name with [RpcMethod(\"…\")]");

    public static readonly DiagnosticDescriptor ManyTokens = Error(
        "RPCGEN011", "A remote method must not have several CancellationTokens", "The remote method '{0}' takes more than one CancellationToken: remove '{1}'");

    public static readonly DiagnosticDescriptor TimeoutRange = Error(
        "RPCGEN012", "A timeout must be positive", "No call can succeed within a timeout of {0} ms: use at least 1 ms");

    public static readonly DiagnosticDescriptor QueueName = Error(
        "RPCGEN013", "The name of a queue or exchange is invalid", "'{0}' is not a valid name of a queue or exchange for '{1}': use 1 to {2} UTF-8 bytes that do not start with 'amq.', which is reserved for brokers");

    public static readonly DiagnosticDescriptor WireName = Error(
        "RPCGEN014", "A wire name is invalid", "The wire name '{0}' of '{1}' is invalid: use 1 to 255 UTF-8 bytes that do not start with '$', which is reserved for RpcGen");

    public static readonly DiagnosticDescriptor BareStyle = Error(
        "RPCGEN015", "The bare body style requires one method with one parameter", "The contract '{0}' has bare bodies, which hold one value and no method name: give it exactly one method with one parameter besides the CancellationToken, or use RpcBodyStyle.Object");

    public static readonly DiagnosticDescriptor FaultNotRebuilt = Error(
        "RPCGEN016", "A fault's exception cannot be rebuilt", "The caller cannot rebuild '{0}': {1}");

    public static readonly DiagnosticDescriptor FaultMemberLost = Warning(
        "RPCGEN017", "A property of a fault's exception is not restored", "The caller cannot restore '{0}': give '{1}' a constructor parameter or a setter for it, or mark it [JsonIgnore]");

    public static readonly DiagnosticDescriptor FaultMessageComposed = Warning(
        "RPCGEN018", "A fault's exception composes its message", "The caller sees parts of the message twice, because '{0}' composes its Message from the one that its constructor takes: declare an exception of your own that does not");

    public static readonly DiagnosticDescriptor DuplicateFault = Error(
        "RPCGEN019", "A fault is declared twice", "{0} is declared twice for '{1}', so the faults cannot be distinguished: declare each exception and each code once");

    public static readonly DiagnosticDescriptor FaultCode = Error(
        "RPCGEN020", "A fault code is invalid", "The fault code '{0}' is invalid: use 1 to 255 UTF-8 bytes, and none of the reserved codes {1}");

    public static readonly DiagnosticDescriptor DeliveryConflict = Error(
        "RPCGEN021", "A method cannot be both idempotent and at most once", "'{0}' is both [RpcIdempotent], which repeats calls in doubt, and [RpcAtMostOnce], which never runs a call again: remove one");

    public static readonly DiagnosticDescriptor AmbiguousBase = Error(
        "RPCGEN022", "Base interfaces declare the same method", "'{0}' inherits '{1}' from both '{2}' and '{3}', so calls are ambiguous: redeclare it in '{0}' with 'new' and the same result, or remove one of the base interfaces");

    public static readonly DiagnosticDescriptor NoToken = Info(
        "RPCGEN023", "A remote method should take a CancellationToken", "Callers cannot cancel '{0}', because it takes no CancellationToken: add 'CancellationToken cancellationToken = default'");

    public static readonly DiagnosticDescriptor TokenNotLast = Info(
        "RPCGEN024", "The CancellationToken should be the last parameter", "The CancellationToken '{0}' is not the last parameter of '{1}', where callers expect it: move it to the end");

    public static readonly DiagnosticDescriptor ObjectResult = Info(
        "RPCGEN025", "A result of type object arrives as JsonElement", "The result of '{0}' has the type object, so it arrives as a JsonElement: return the type that is transmitted");

    public static readonly DiagnosticDescriptor ValidationOnWrongType = Warning(
        "RPCGEN026", "A validation attribute does not fit its value", "'[{0}]' on '{1}' is ignored, because {2}: correct the attribute or the type");

    public static readonly DiagnosticDescriptor ValidationOutOfReach = Warning(
        "RPCGEN027", "Validation is not accessible", "'{0}' of '{1}' is not checked, because {2}: make it accessible");

    public static readonly DiagnosticDescriptor MissingMetadata = Warning(
        "RPCGEN028", "JSON metadata is missing", "The type '{0}' has no JSON metadata and reflection is off, so clients and servers of '{1}' cannot be created: add [JsonSerializable(typeof({0}))] to a JsonSerializerContext of this project");

    public static readonly DiagnosticDescriptor ContextOptions = Warning(
        "RPCGEN029", "A JSON context has options without effect", "The option '{0}' of '{1}' has no effect on messages of contracts, which use RpcGen's options: put attributes such as [JsonPropertyName] on the types, or use a context for contracts only");

    public static readonly DiagnosticDescriptor TupleLost = Warning(
        "RPCGEN030", "A tuple loses its values", "'{0}' in '{1}' arrives without its values, because generated JSON metadata ignores the fields of tuples: use a record");

    public static readonly DiagnosticDescriptor NotTheContract = Error(
        "RPCGEN031", "The type argument must be the contract, not the class", "'{0}' is not a contract: write {1}<{2}> to name the contract that it implements");

    public static readonly DiagnosticDescriptor ShippedChanged = Warning(
        "RPCGEN032", "A shipped part of a contract has changed", "The {0}: {1} break, so undo the change, or give the new form a new name");

    public static readonly DiagnosticDescriptor NotRecorded = Warning(
        "RPCGEN033", "A part of a contract is not recorded", "'{0}' is not recorded: add the line to RpcContracts.Unshipped.txt");

    public static readonly DiagnosticDescriptor ShippedGone = new(
        "RPCGEN034", "A recorded part of a contract is missing", "The {0}: {1}", "RpcGen.Contracts",
        DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help("RPCGEN034"), customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor OneWayResult = Error(
        "RPCGEN035", "A one-way method must not have a result", "The method '{0}' is {1}, so no reply can return its result: return {2}");

    public static readonly DiagnosticDescriptor OneWayConflict = Error(
        "RPCGEN036", "A method cannot be both one-way and broadcast", "'{0}' is both [RpcOneWay], which runs on one instance of the server, and [RpcBroadcast], which runs on all: remove one");

    public static readonly DiagnosticDescriptor OneWayBare = Error(
        "RPCGEN037", "A method with bare bodies must have a reply", "The method '{0}' is {1}, which peers of the bare body style do not support: wait for the reply, or use RpcBodyStyle.Object");

    public static readonly DiagnosticDescriptor OneWayFault = Warning(
        "RPCGEN038", "A fault of a one-way method never arrives", "The method '{0}' is {1}, so its caller never receives '{2}': remove [RpcFault], or wait for the reply");

    public static readonly DiagnosticDescriptor PriorityRange = Error(
        "RPCGEN039", "A priority must be between 0 and 9", "The priority {0} does not exist in AMQP: use 0 to 9");

    public static readonly DiagnosticDescriptor BatchingWithoutEffect = Info(
        "RPCGEN040", "Batching has no effect", "Batching has no effect, because '{0}' {1}: remove [RpcBatching]");

    public static readonly DiagnosticDescriptor PolicyName = Error(
        "RPCGEN041", "A policy must have a name", "The policy that '{0}' requires has no name, so it would protect nothing: name the policy");

    public static readonly DiagnosticDescriptor RunsAtCaller = Info(
        "RPCGEN042", "A method with an implementation runs in the caller's process", "'{0}' has an implementation, so it is not a remote method and runs in the caller's process: remove the body, or make the method sealed if this is intended");

    public static readonly DiagnosticDescriptor BaseOutOfReach = Error(
        "RPCGEN043", "A method of a base interface is not accessible", "'{0}' is internal to '{1}', so no type outside can implement '{2}': make the method public, or remove the base interface");

    public static readonly DiagnosticDescriptor LanguageVersion = Error(
        "RPCGEN044", "Contracts require C# 12", "The generated code of '{0}' requires C# 12 or later, but this project uses C# {1}: remove <LangVersion> from the project, or raise it");

    public static readonly DiagnosticDescriptor UnsupportedByJson = Warning(
        "RPCGEN045", "A type is not supported by JSON", "JSON does not support '{0}', so calls of '{1}' that transmit it fail: {2}, or give it a [JsonConverter]");

    public static readonly DiagnosticDescriptor LongTimeout = Info(
        "RPCGEN046", "A timeout is too long for ordinary calls", "Calls of '{0}' can take {1} minutes, but {2}");

    public static readonly DiagnosticDescriptor StreamForm = Error(
        "RPCGEN047", "A stream must be returned as IAsyncEnumerable, or as a task of a Stream", "The remote method '{0}' returns '{1}', which is a stream in a form that cannot be transmitted: return IAsyncEnumerable<T>, which is neither in a task nor nullable, or Task<Stream>");

    public static readonly DiagnosticDescriptor StreamConflict = Error(
        "RPCGEN048", "A method cannot have a stream or progress and get no reply", "'{0}' has {1}, but {2}: remove the attribute or the {3}");

    public static readonly DiagnosticDescriptor StreamLimitRange = Error(
        "RPCGEN049", "A limit of a stream is out of range", "{0} of '{1}' is {2}: use {3}, or 0 for the default");

    public static readonly DiagnosticDescriptor StreamWithoutEffect = Info(
        "RPCGEN050", "Limits of streams have no effect", "The limits have no effect, because '{0}' {1}: remove [RpcStream]");

    public static readonly DiagnosticDescriptor StreamParameter = Error(
        "RPCGEN051", "A stream must be taken as IAsyncEnumerable or Stream", "The parameter '{0}' of '{1}' has the type '{2}', which is a stream in a form that cannot be transmitted: take IAsyncEnumerable<T> or Stream, which is neither nullable, optional, nor inside of another type");

    public static readonly DiagnosticDescriptor ProgressForm = Error(
        "RPCGEN052", "Progress must be taken as IProgress by a method that returns a task", "The parameter '{0}' of '{1}' takes progress, but {2}");

    public static readonly DiagnosticDescriptor RefusedByJson = Warning(
        "RPCGEN055", "JSON refuses the declaration of a type", "JSON refuses '{0}', so clients and servers of '{1}' cannot be created: {2}");

    public static readonly DiagnosticDescriptor MemberLost = Warning(
        "RPCGEN056", "A member does not arrive", "'{0}' does not arrive with messages of '{1}': {2}");

    public static readonly DiagnosticDescriptor ValueChanged = Warning(
        "RPCGEN057", "A value does not arrive as it was sent", "'{0}' does not arrive with messages of '{1}' as it was sent: {2}");

    public static readonly DiagnosticDescriptor DynamicType = Warning(
        "RPCGEN058", "dynamic does not work without reflection", "The type of '{0}' in '{1}' contains dynamic, which needs reflection that trimmed and NativeAOT programs lack: use JsonElement or object");

    public static readonly DiagnosticDescriptor ArgumentCase = Error(
        "RPCGEN059", "Arguments must differ in more than their case", "'{0}' and '{1}' of '{2}' differ only in their case, which [RpcJson(CaseInsensitiveArguments = true)] ignores: rename one");

    public static readonly DiagnosticDescriptor LongRunningWithoutEffect = Warning(
        "RPCGEN060", "[RpcLongRunning] has no effect", "[RpcLongRunning] has no effect, because '{0}' {1}: remove it");

    private static DiagnosticDescriptor Error(string id, string title, string message) => Rule(id, title, message, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Warning(string id, string title, string message) => Rule(id, title, message, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Info(string id, string title, string message) => Rule(id, title, message, DiagnosticSeverity.Info);

    private static DiagnosticDescriptor Rule(string id, string title, string message, DiagnosticSeverity severity) =>
        new(id, title, message, "RpcGen.Contracts", severity, isEnabledByDefault: true, helpLinkUri: Help(id));

    private static string Help(string id) => HelpPages.Of(id);
}
