using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Contracts;
using RpcGen.Generators.Parsing.Delivery;
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

        AddJson(contract, queue, service);
        foreach (IMethodSymbol method in RemoteMethods.Of(contract).Select(remote => remote.Symbol))
        {
            cancellationToken.ThrowIfCancellationRequested();
            AddMethod(method, contract, queue, service);
            AddFaults(method, contract, queue, compilation);
        }

        var enums = new TextEnums(contract, compilation);
        foreach (INamedTypeSymbol type in _requests.Union(_replies, SymbolEqualityComparer.Default).OfType<INamedTypeSymbol>())
        {
            _facts.AddRange(new WireTypeFacts(type, contract.ContainingAssembly, enums.Contains, _requests.Contains(type), _replies.Contains(type)).All);
        }
    }

    /// <summary>All facts about a contract.</summary>
    public static IReadOnlyList<WireFact> Of(INamedTypeSymbol contract, Compilation compilation, CancellationToken cancellationToken) =>
        [.. new WireFacts(contract, compilation, cancellationToken)._facts.GroupBy(fact => fact.Key, StringComparer.Ordinal).Select(facts => facts.First())];

    private void AddJson(INamedTypeSymbol contract, string queue, string service)
    {
        if (string.Join(", ", JsonForms.Of(contract)) is { Length: > 0 } forms)
        {
            _facts.Add(new WireFact("json " + queue, forms, contract) { Owner = service, BreaksWhenAdded = WireChange.OfNewForms(forms) });
        }
    }

    private void AddMethod(IMethodSymbol method, INamedTypeSymbol contract, string queue, string service)
    {
        string path = $"{queue}/{NamingRules.Of(method)}", key = "method " + path;
        bool isStream = StreamType.Item(method) is not null;
        bool isBytes = ByteStreamType.IsReturned(method);
        ITypeSymbol? result = StreamType.Item(method) ?? (TaskType.IsTask(method) ? TaskType.Result(method) : null);
        string reply = RpcAttributes.Has(method, RpcAttributes.Broadcast) ? "broadcast"
            : RpcAttributes.Has(method, RpcAttributes.OneWay) ? "one-way"
            : result is null ? "void"
            : isBytes ? Bytes
            : (isStream ? "stream of " : "") + WireTypeFacts.Name(result);
        _facts.Add(new WireFact(key, reply, method) { Owner = service, IsReceived = true });
        AddPromises(method, contract, path, key);
        if (result is not null && !isBytes)
        {
            JsonGraph.AddReachable(result, _replies);
        }

        foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type)))
        {
            if (ProgressType.Item(parameter) is { } progress)
            {
                _facts.Add(new WireFact($"argument {path}/{parameter.Name}", "progress of " + WireTypeFacts.Name(progress), parameter) { Owner = key, IsReceived = true });
                JsonGraph.AddReachable(progress, _replies);
            }
            else
            {
                AddArgument(parameter, $"{path}/{parameter.Name}", key);
            }
        }
    }

    private void AddPromises(IMethodSymbol method, INamedTypeSymbol contract, string path, string key)
    {
        DeliveryModel delivery = DeliveryParser.Parse(method, contract);
        if ((delivery.IsIdempotent ? WireChange.Idempotent : delivery.IsAtMostOnce ? WireChange.AtMostOnce : null) is { } promise)
        {
            _facts.Add(new WireFact("promise " + path, promise, method) { Owner = key, BreaksWhenAdded = WireChange.OfNewPromise(promise) });
        }

        ISymbol[] scopes = [method, contract, method.ContainingType];
        if (scopes.Select(Timeouts.DeclaredOn).FirstOrDefault(timeout => timeout is not null) is { } milliseconds)
        {
            _facts.Add(new WireFact("timeout " + path, milliseconds.ToString(CultureInfo.InvariantCulture) + WireChange.Milliseconds, method)
            {
                Owner = key,
                BreaksWhenAdded = "old clients, whose calls can take longer,",
            });
        }
    }

    private void AddArgument(IParameterSymbol parameter, string path, string method)
    {
        bool isRequired = DefaultValues.Of(parameter) is null;
        ITypeSymbol? item = StreamType.Item(parameter);
        bool hasBytes = ByteStreamType.Is(parameter);
        string type = hasBytes ? Bytes : item is null ? WireTypeFacts.Name(parameter.Type) : "stream of " + WireTypeFacts.Name(item);
        string key = "argument " + path;
        _facts.Add(new WireFact(key, new WireValue(type, "", isRequired, WireDefaults.Of(parameter)).ToString(), parameter)
        {
            Owner = method,
            BreaksWhenAdded = isRequired ? WireTypeFacts.OldClients : null,
            IsSent = true,
        });
        if (WireValidation.Of(parameter.GetAttributes()) is { Length: > 0 } rules)
        {
            _facts.Add(new WireFact("validation " + path, rules, parameter) { Owner = key, BreaksWhenAdded = WireChange.OfNewValidation, IsSent = true });
        }

        if (!hasBytes)
        {
            JsonGraph.AddReachable(item ?? parameter.Type, _requests);
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
            _facts.Add(new WireFact("type " + name, "exception", type));
            foreach (IPropertySymbol property in new ExceptionShape(type, compilation, contract).Transmitted)
            {
                _facts.Add(new WireFact($"member {name}/{JsonNames.Of(property)}", WireTypeFacts.Name(property.Type), property) { Owner = "type " + name, IsReceived = true });
                JsonGraph.AddReachable(property.Type, _replies);
            }
        }
    }
}
