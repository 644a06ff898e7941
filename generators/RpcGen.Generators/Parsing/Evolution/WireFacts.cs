using System.Globalization;
using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>All that peers rely on in a contract: its service, methods, arguments and faults, and the types that these lead to.</summary>
internal sealed class WireFacts
{
    private const string Json = "System.Text.Json.Serialization";

    private static readonly SymbolDisplayFormat Format = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private readonly List<WireFact> _facts = [];
    private readonly HashSet<ITypeSymbol> _requests = JsonGraph.NewSet();
    private readonly HashSet<ITypeSymbol> _replies = JsonGraph.NewSet();

    private WireFacts(INamedTypeSymbol contract, Compilation compilation, CancellationToken cancellationToken)
    {
        AttributeData attribute = KnownTypes.Attribute(contract, "RpcGen", "AmqpRpcAttribute")!;
        string queue = KnownTypes.Argument<string>(attribute) ?? Identity.Queue(contract);
        string service = "service " + queue;
        Add(service, ContractRules.IsBare(attribute) ? "bare" : "object", contract);
        foreach (IMethodSymbol method in RemoteMethods.Of(contract).Select(remote => remote.Symbol))
        {
            cancellationToken.ThrowIfCancellationRequested();
            AddMethod(method, contract, queue, service, compilation);
        }

        foreach (INamedTypeSymbol type in _requests.Union(_replies, SymbolEqualityComparer.Default).OfType<INamedTypeSymbol>())
        {
            AddType(type);
        }
    }

    public static IReadOnlyList<WireFact> Of(INamedTypeSymbol contract, Compilation compilation, CancellationToken cancellationToken) =>
        new WireFacts(contract, compilation, cancellationToken)._facts;

    private void Add(string key, string value, ISymbol where, string? owner = null, string? breaksWhenAdded = null) =>
        _facts.Add(new WireFact(key, value, where) { Owner = owner, BreaksWhenAdded = breaksWhenAdded });

    private void AddMethod(IMethodSymbol method, INamedTypeSymbol contract, string queue, string service, Compilation compilation)
    {
        string path = $"{queue}/{MethodParser.WireName(method)}";
        ITypeSymbol? result = TaskType.IsTask(method) ? TaskType.Result(method) : null;
        string reply = KnownTypes.HasRpcAttribute(method, "RpcBroadcastAttribute") ? "broadcast"
            : KnownTypes.HasRpcAttribute(method, "RpcOneWayAttribute") ? "one-way"
            : result is null ? "void"
            : Name(result);
        Add("method " + path, reply, method, service);
        if (result is not null)
        {
            JsonGraph.AddReachable(result, _replies);
        }

        foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type)))
        {
            bool isRequired = DefaultValues.Of(parameter) is null;
            Add($"argument {path}/{parameter.Name}", Name(parameter.Type) + (isRequired ? " required" : ""), parameter, "method " + path, isRequired ? "old clients, which do not send it," : null);
            JsonGraph.AddReachable(parameter.Type, _requests);
        }

        foreach (DeclaredFault fault in FaultParser.DeclaredOn(method).Concat(FaultParser.DeclaredOn(contract)))
        {
            if (fault.Type is not INamedTypeSymbol { TypeKind: TypeKind.Class } type)
            {
                continue;
            }

            Add($"fault {path}/{fault.Code}", Name(type), method, "method " + path);
            foreach (IPropertySymbol member in new ExceptionShape(type, compilation, contract).Travelling)
            {
                Add($"member {Name(type)}/{JsonNames.Of(member)}", Name(member.Type), member, "type " + Name(type));
                JsonGraph.AddReachable(member.Type, _replies);
            }
        }
    }

    private void AddType(INamedTypeSymbol type)
    {
        string name = Name(type);
        if (KnownTypes.Attribute(type, Json, "JsonConverterAttribute") is { } converter)
        {
            Add("type " + name, "converted by " + (KnownTypes.Argument<ITypeSymbol>(converter) is { } by ? Name(by) : "a converter"), type);
        }
        else if (type.TypeKind == TypeKind.Enum)
        {
            foreach (IFieldSymbol value in type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue && IsUsers(type)))
            {
                Add($"enum {name}/{value.Name}", Convert.ToString(value.ConstantValue, CultureInfo.InvariantCulture)!, value, "type " + name);
            }
        }
        else if (IsUsers(type))
        {
            AddMembers(type, name);
        }
    }

    private void AddMembers(INamedTypeSymbol type, string name)
    {
        foreach (AttributeData attribute in type.GetAttributes().Where(a => KnownTypes.Is(a.AttributeClass, Json, "JsonDerivedTypeAttribute")))
        {
            if (KnownTypes.Argument<ITypeSymbol>(attribute) is { } derived)
            {
                string discriminator = attribute.ConstructorArguments is [_, { Value: { } value }] ? Convert.ToString(value, CultureInfo.InvariantCulture)! : "none";
                Add($"subtype {name}/{discriminator}", Name(derived), type, "type " + name);
            }
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (INamedTypeSymbol? at = type; at is { SpecialType: SpecialType.None }; at = at.BaseType)
        {
            foreach (ISymbol member in at.GetMembers())
            {
                if (JsonGraph.TypeOf(member) is not { } memberType || !names.Add(JsonNames.Of(member)))
                {
                    continue;
                }

                bool isRequired = member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true } ||
                    KnownTypes.Attribute(member, Json, "JsonRequiredAttribute") is not null;
                string value = Name(memberType) + (isRequired ? " required" : "") +
                    (KnownTypes.Attribute(member, Json, "JsonConverterAttribute") is null ? "" : " converted");
                Add($"member {name}/{JsonNames.Of(member)}", value, member, "type " + name, isRequired ? Readers(type) : null);
            }
        }
    }

    /// <summary>Who does not send a member yet that the other side insists on.</summary>
    private string Readers(INamedTypeSymbol type) => (_requests.Contains(type), _replies.Contains(type)) switch
    {
        (true, false) => "old clients, which do not send it,",
        (false, true) => "new clients of old servers, which do not send it,",
        _ => "old clients, and new clients of old servers, which do not send it,",
    };

    /// <summary>Not the framework's, and no collection.</summary>
    private static bool IsUsers(INamedTypeSymbol type) =>
        type is { SpecialType: SpecialType.None, IsTupleType: false } &&
        !KnownTypes.IsOfFramework(type) &&
        !type.AllInterfaces.Any(face => face.SpecialType == SpecialType.System_Collections_IEnumerable);

    private static string Name(ITypeSymbol type) => type.ToDisplayString(Format);
}
