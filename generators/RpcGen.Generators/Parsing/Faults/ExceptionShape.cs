using System.Diagnostics;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Faults;

/// <summary>
/// How a declared exception becomes a fault and is rebuilt from it. The caller rebuilds it with the constructor that has the most
/// parameters, provided that each of them is the message, a property or an inner exception. Setters restore the other properties.
/// </summary>
internal sealed class ExceptionShape
{
    private readonly INamedTypeSymbol _type;
    private readonly Compilation _compilation;
    private readonly INamedTypeSymbol _contract;

    /// <summary>Analyzes an exception.</summary>
    /// <param name="type">The exception's type.</param>
    /// <param name="compilation">The compilation of the contract.</param>
    /// <param name="contract">The contract. Its generated code has the same access to the exception as the contract itself.</param>
    public ExceptionShape(INamedTypeSymbol type, Compilation compilation, INamedTypeSymbol contract)
    {
        _type = type;
        _compilation = compilation;
        _contract = contract;
        List<IPropertySymbol> properties = ExceptionProperties.Of(type);
        IMethodSymbol? constructor = type.IsAbstract ? null : FindConstructor(properties);
        Obstacle = FindObstacle(constructor);
        if (Obstacle is not null)
        {
            return;
        }

        List<IPropertySymbol?> sources = constructor!.Parameters.Select(parameter => FindSource(parameter, properties)).ToList();
        Transmitted = properties.FindAll(p => ExceptionProperties.CanTravel(p.Type) && (IsIn(sources, p) || CanSet(p)));
        Unrestored = properties.FindAll(p => !IsIn(Transmitted, p) && !ExceptionProperties.IsComputed(p));
        Members = CreateMembers(sources, SetsRequiredMembers(constructor));
        Arguments = constructor.Parameters.Zip(sources, CreateArgument).ToList();
        ComposesMessage = Arguments.Exists(argument => argument.IsMessage) && ExceptionProperties.ComposeMessage(type);
        Debug.Assert(Members.Count == Transmitted.Count, "Each transmitted property has its member.");
    }

    /// <summary>Why the exception cannot be rebuilt; null if it can. With an obstacle, the other properties are empty.</summary>
    public string? Obstacle { get; }

    /// <summary>The properties that faults transmit.</summary>
    public List<IPropertySymbol> Transmitted { get; } = [];

    /// <summary>The models of <see cref="Transmitted"/>, in the same order.</summary>
    public List<FaultMemberModel> Members { get; } = [];

    /// <summary>The arguments of the constructor.</summary>
    public List<FaultArgumentModel> Arguments { get; } = [];

    /// <summary>Properties that neither the constructor nor a setter restores, and that are not calculated from others.</summary>
    public List<IPropertySymbol> Unrestored { get; } = [];

    /// <summary>Whether rebuilding would compose the message a second time.</summary>
    public bool ComposesMessage { get; }

    private static bool IsIn(IEnumerable<IPropertySymbol?> properties, IPropertySymbol property) =>
        properties.Contains(property, SymbolEqualityComparer.Default);

    private static bool IsMessage(IParameterSymbol parameter) =>
        parameter.Type.SpecialType == SpecialType.System_String && string.Equals(parameter.Name, "message", StringComparison.OrdinalIgnoreCase);

    private static bool SetsRequiredMembers(IMethodSymbol constructor) =>
        AttributeLookup.Find(constructor, "System.Diagnostics.CodeAnalysis", "SetsRequiredMembersAttribute") is not null;

    private List<FaultMemberModel> CreateMembers(List<IPropertySymbol?> sources, bool setsRequired)
    {
        var fields = new UniqueNames([]);
        return Transmitted.ConvertAll(p => new FaultMemberModel(
            Identifiers.Escape(p.Name),
            JsonNames.Of(p),
            TypeDisplay.FullName(p.Type),
            fields.Take("_" + Identifiers.Camel(p.Name)),
            p.Type is { IsReferenceType: true, NullableAnnotation: not NullableAnnotation.Annotated })
        {
            IsAssigned = !IsIn(sources, p) || (p.IsRequired && !setsRequired),
        });
    }

    private FaultArgumentModel CreateArgument(IParameterSymbol parameter, IPropertySymbol? source) => new(
        TypeDisplay.FullName(parameter.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)),
        source is null ? FaultArgumentModel.NoMember : Transmitted.FindIndex(p => SymbolEqualityComparer.Default.Equals(p, source)),
        source is null && IsMessage(parameter));

    private IMethodSymbol? FindConstructor(List<IPropertySymbol> properties) => _type.InstanceConstructors
        .Where(c => _compilation.IsSymbolAccessibleWithin(c, _contract) && !ObsoleteAttributes.IsObsolete(c) &&
            c.Parameters.All(p => p.RefKind == RefKind.None && (IsMessage(p) || ExceptionProperties.IsException(p.Type) || FindSource(p, properties) is not null)))
        .OrderByDescending(c => c.Parameters.Length)
        .ThenBy(c => c.Parameters.Count(p => ExceptionProperties.IsException(p.Type)))
        .FirstOrDefault();

    /// <summary>The property that a constructor parameter restores: one of the same name, in any case, and a fitting type.</summary>
    private IPropertySymbol? FindSource(IParameterSymbol parameter, List<IPropertySymbol> properties) => properties.Find(p =>
        string.Equals(p.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) &&
        ExceptionProperties.CanTravel(p.Type) &&
        _compilation.ClassifyCommonConversion(p.Type, parameter.Type).IsImplicit);

    private bool CanSet(IPropertySymbol property) =>
        property.SetMethod is { } setter && _compilation.IsSymbolAccessibleWithin(setter, _contract);

    private string? FindObstacle(IMethodSymbol? constructor)
    {
        if (_type.IsAbstract)
        {
            return "it is abstract; declare the exceptions that derive from it instead";
        }

        if (constructor is null)
        {
            return "it has no accessible constructor whose parameters are all its message, its public properties by name, or an inner exception; add one";
        }

        bool leavesRequired = !SetsRequiredMembers(constructor) &&
            ExceptionProperties.Ancestry(_type).SelectMany(type => type.GetMembers()).Any(member =>
                member is IFieldSymbol { IsRequired: true } ||
                (member is IPropertySymbol { IsRequired: true } p && (JsonNames.IsIgnored(p) || !ExceptionProperties.CanTravel(p.Type))));
        return leavesRequired ? "one of its required members is not transmitted; make that member a property of a type that JSON supports" : null;
    }
}
