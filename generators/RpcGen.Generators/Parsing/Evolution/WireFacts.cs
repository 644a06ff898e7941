using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Parsing.Validation;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>All that peers rely on in a contract: its service, methods, arguments and faults, and the types that these lead to.</summary>
internal sealed class WireFacts
{
    private const string OldClients = "old clients, which do not send it,";
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

    private void Add(string key, string value, ISymbol where, string? owner = null, string? breaksWhenAdded = null, bool isSent = false, bool isReceived = false) =>
        _facts.Add(new WireFact(key, value, where) { Owner = owner, BreaksWhenAdded = breaksWhenAdded, IsSent = isSent, IsReceived = isReceived });

    private void AddMethod(IMethodSymbol method, INamedTypeSymbol contract, string queue, string service, Compilation compilation)
    {
        string path = $"{queue}/{MethodParser.WireName(method)}";
        ITypeSymbol? result = TaskType.IsTask(method) ? TaskType.Result(method) : null;
        string reply = KnownTypes.HasRpcAttribute(method, "RpcBroadcastAttribute") ? "broadcast"
            : KnownTypes.HasRpcAttribute(method, "RpcOneWayAttribute") ? "one-way"
            : result is null ? "void"
            : Name(result);
        Add("method " + path, reply, method, service, isReceived: true);
        if (result is not null)
        {
            JsonGraph.AddReachable(result, _replies);
        }

        foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type)))
        {
            bool isRequired = DefaultValues.Of(parameter) is null;
            Add($"argument {path}/{parameter.Name}", Name(parameter.Type) + (isRequired ? WireFact.Required : ""), parameter, "method " + path, isRequired ? OldClients : null, isSent: true);
            JsonGraph.AddReachable(parameter.Type, _requests);
        }

        foreach (DeclaredFault fault in FaultParser.DeclaredFor(method, contract))
        {
            if (fault.Type is not INamedTypeSymbol { TypeKind: TypeKind.Class } type)
            {
                continue;
            }

            Add($"fault {path}/{fault.Code}", Name(type), method, "method " + path);
            foreach (IPropertySymbol member in new ExceptionShape(type, compilation, contract).Travelling)
            {
                Add($"member {Name(type)}/{JsonNames.Of(member)}", Name(member.Type), member, "type " + Name(type), isReceived: true);
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
        foreach ((AttributeData attribute, INamedTypeSymbol derived) in JsonNames.Subtypes(type))
        {
            Add($"subtype {name}/{Discriminator(attribute)}", Name(derived), type, "type " + name);
        }

        if (KnownTypes.Attribute(type, Json, "JsonPolymorphicAttribute") is { } polymorphic && KnownTypes.Named<string>(polymorphic, "TypeDiscriminatorPropertyName") is { } property)
        {
            Add("discriminator " + name, property, type, "type " + name, "old clients and old servers, which look for '$type',");
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
                string value = Name(memberType) + (isRequired ? WireFact.Required : "") +
                    (KnownTypes.Attribute(member, Json, "JsonConverterAttribute") is null ? "" : " converted");
                string? breaks = isRequired ? Readers(type) : _requests.Contains(type) && RefusesToLack(member, memberType) ? OldClients : null;
                Add($"member {name}/{JsonNames.Of(member)}", value, member, "type " + name, breaks, _requests.Contains(type), _replies.Contains(type));
            }
        }
    }

    /// <summary>A text that could be taken for a number is quoted.</summary>
    private static string Discriminator(AttributeData attribute) => attribute.ConstructorArguments switch
    {
        [_, { Value: string text }] when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) => $"\"{text}\"",
        [_, { Value: { } value }] => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => "none",
    };

    /// <summary>
    /// Whether servers refuse arguments without the member: it is null then, which its type does not allow. Of what has no
    /// source, only a constructor says whether there is another value.
    /// </summary>
    private static bool RefusesToLack(ISymbol member, ITypeSymbol type)
    {
        if (!Nullables.RefusesNull(type, member.GetAttributes()))
        {
            return false;
        }

        IParameterSymbol? parameter = member.ContainingType.InstanceConstructors
            .SelectMany(constructor => constructor.Parameters)
            .FirstOrDefault(p => string.Equals(p.Name, member.Name, StringComparison.OrdinalIgnoreCase));
        return parameter is not null
            ? !parameter.HasExplicitDefaultValue
            : member.DeclaringSyntaxReferences is [var syntax, ..] && syntax.GetSyntax() switch
            {
                PropertyDeclarationSyntax { Initializer: { } initializer } => IsNull(initializer.Value),
                PropertyDeclarationSyntax { ExpressionBody: null } property => property.AccessorList!.Accessors.All(accessor => accessor is { Body: null, ExpressionBody: null }),
                VariableDeclaratorSyntax { Initializer: var initializer } => initializer is null || IsNull(initializer.Value),
                _ => false,
            };
    }

    /// <summary><c>null!</c> and <c>default!</c>.</summary>
    private static bool IsNull(ExpressionSyntax value) =>
        value is PostfixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NullLiteralExpression or (int)SyntaxKind.DefaultLiteralExpression } };

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
