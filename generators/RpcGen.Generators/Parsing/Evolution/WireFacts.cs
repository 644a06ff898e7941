using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Methods;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>
/// Collects the facts about a contract that peers rely on: its service, methods, arguments and faults, and the types that these
/// lead to.
/// </summary>
internal sealed class WireFacts
{
    private const string Bytes = "stream of bytes";

    private readonly List<WireFact> _facts = [];

    /// <summary>The types in requests, and those in replies.</summary>
    private readonly HashSet<ITypeSymbol> _requests = JsonGraph.NewSet();
    private readonly HashSet<ITypeSymbol> _replies = JsonGraph.NewSet();

    private WireFacts(INamedTypeSymbol contract, Compilation compilation, CancellationToken cancellationToken)
    {
        AttributeData attribute = RpcAttributes.Find(contract, RpcAttributes.Contract)!;
        string queue = NamingRules.QueueOf(contract, attribute);
        string service = "service " + queue;
        _facts.Add(new WireFact(service, RpcAttributes.IsBare(attribute) ? "bare" : "object", contract));
        if (AttributeLookup.Named<string>(attribute, "Exchange") is { Length: > 0 } exchange)
        {
            _facts.Add(new WireFact("exchange " + queue, exchange, contract) { Owner = service, BreaksWhenAdded = "new clients of old servers, which do not declare it," });
        }

        foreach (IMethodSymbol method in RemoteMethods.Of(contract).Select(remote => remote.Symbol))
        {
            cancellationToken.ThrowIfCancellationRequested();
            AddMethod(method, queue, service);
            AddFaults(method, contract, queue, compilation);
        }

        foreach (INamedTypeSymbol type in _requests.Union(_replies, SymbolEqualityComparer.Default).OfType<INamedTypeSymbol>())
        {
            _facts.AddRange(new WireTypeFacts(type, _requests.Contains(type), _replies.Contains(type)).All);
        }
    }

    /// <summary>All facts about a contract.</summary>
    public static IReadOnlyList<WireFact> Of(INamedTypeSymbol contract, Compilation compilation, CancellationToken cancellationToken) =>
        new WireFacts(contract, compilation, cancellationToken)._facts;

    private void AddMethod(IMethodSymbol method, string queue, string service)
    {
        string path = $"{queue}/{NamingRules.Of(method)}";
        bool isStream = StreamType.Item(method) is not null;
        bool isBytes = ByteStreamType.IsReturned(method);
        ITypeSymbol? result = StreamType.Item(method) ?? (TaskType.IsTask(method) ? TaskType.Result(method) : null);
        string reply = RpcAttributes.Has(method, RpcAttributes.Broadcast) ? "broadcast"
            : RpcAttributes.Has(method, RpcAttributes.OneWay) ? "one-way"
            : result is null ? "void"
            : isBytes ? Bytes
            : (isStream ? "stream of " : "") + WireTypeFacts.Name(result);
        _facts.Add(new WireFact("method " + path, reply, method) { Owner = service, IsReceived = true });
        if (result is not null && !isBytes)
        {
            JsonGraph.AddReachable(result, _replies);
        }

        foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type)))
        {
            if (ProgressType.Item(parameter) is { } progress)
            {
                _facts.Add(new WireFact($"argument {path}/{parameter.Name}", "progress of " + WireTypeFacts.Name(progress), parameter) { Owner = "method " + path, IsReceived = true });
                JsonGraph.AddReachable(progress, _replies);
                continue;
            }

            bool isRequired = DefaultValues.Of(parameter) is null;
            ITypeSymbol? item = StreamType.Item(parameter);
            bool hasBytes = ByteStreamType.Is(parameter);
            string type = hasBytes ? Bytes : item is null ? WireTypeFacts.Name(parameter.Type) : "stream of " + WireTypeFacts.Name(item);
            _facts.Add(new WireFact($"argument {path}/{parameter.Name}", type + (isRequired ? WireFact.Required : ""), parameter)
            {
                Owner = "method " + path,
                BreaksWhenAdded = isRequired ? WireTypeFacts.OldClients : null,
                IsSent = true,
            });
            if (!hasBytes)
            {
                JsonGraph.AddReachable(item ?? parameter.Type, _requests);
            }
        }
    }

    private void AddFaults(IMethodSymbol method, INamedTypeSymbol contract, string queue, Compilation compilation)
    {
        string path = $"{queue}/{NamingRules.Of(method)}";
        foreach (DeclaredFault fault in DeclaredFaults.Of(method, contract))
        {
            if (fault.Type is not INamedTypeSymbol { TypeKind: TypeKind.Class } type)
            {
                continue;
            }

            string name = WireTypeFacts.Name(type);
            _facts.Add(new WireFact($"fault {path}/{fault.Code}", name, method) { Owner = "method " + path });
            foreach (IPropertySymbol property in new ExceptionShape(type, compilation, contract).Transmitted)
            {
                _facts.Add(new WireFact($"member {name}/{JsonNames.Of(property)}", WireTypeFacts.Name(property.Type), property) { Owner = "type " + name, IsReceived = true });
                JsonGraph.AddReachable(property.Type, _replies);
            }
        }
    }
}
