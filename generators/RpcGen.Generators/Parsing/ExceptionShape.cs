using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing;

/// <summary>
/// How an exception is taken apart and rebuilt: by the constructor of most parameters that all are its message, its members
/// or an inner exception, and by setting the members that this leaves.
/// </summary>
internal sealed class ExceptionShape
{
    private readonly INamedTypeSymbol _type;
    private readonly Compilation _compilation;
    private readonly INamedTypeSymbol _within;

    public ExceptionShape(INamedTypeSymbol type, Compilation compilation, INamedTypeSymbol within)
    {
        _type = type;
        _compilation = compilation;
        _within = within;
        List<IPropertySymbol> properties = Properties();
        IMethodSymbol? constructor = type.IsAbstract ? null : Constructor(properties);
        Obstacle = FindObstacle(constructor);
        if (Obstacle is not null)
        {
            return;
        }

        bool setsRequired = KnownTypes.Attribute(constructor!, "System.Diagnostics.CodeAnalysis", "SetsRequiredMembersAttribute") is not null;
        List<IPropertySymbol?> sources = constructor!.Parameters.Select(parameter => Source(parameter, properties)).ToList();
        List<IPropertySymbol> travelling = properties.Where(p => CanTravel(p.Type) && (sources.Contains(p, SymbolEqualityComparer.Default) || CanSet(p))).ToList();
        Travelling = travelling;
        Lost = properties.Where(p => !travelling.Contains(p, SymbolEqualityComparer.Default) && !IsComputed(p)).ToList();
        var names = new UniqueNames([]);
        Members = travelling.ConvertAll(p => new FaultMemberModel(
            CSharpText.Identifier(p.Name),
            JsonNames.Of(p),
            KnownTypes.FullName(p.Type),
            names.Take("_" + CSharpText.Camel(p.Name)),
            p.Type is { IsReferenceType: true, NullableAnnotation: not NullableAnnotation.Annotated })
        {
            IsAssigned = !sources.Contains(p, SymbolEqualityComparer.Default) || (p.IsRequired && !setsRequired),
        });
        Arguments = constructor.Parameters.Zip(sources, (parameter, source) => new FaultArgumentModel(
            KnownTypes.FullName(parameter.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)),
            source is null ? -1 : travelling.FindIndex(p => SymbolEqualityComparer.Default.Equals(p, source)),
            source is null && IsMessage(parameter))).ToList();
        ComposesMessage = Arguments.Exists(argument => argument.IsMessage) && Ancestry().Any(OverridesMessage);
    }

    /// <summary>Why it can't be rebuilt; null where it can.</summary>
    public string? Obstacle { get; }

    public List<FaultMemberModel> Members { get; } = [];

    /// <summary>The properties that the members are.</summary>
    public List<IPropertySymbol> Travelling { get; } = [];

    public List<FaultArgumentModel> Arguments { get; } = [];

    /// <summary>Members that neither the constructor nor a setter restores, and that don't follow from others.</summary>
    public List<IPropertySymbol> Lost { get; } = [];

    /// <summary>Whether its message would be composed a second time.</summary>
    public bool ComposesMessage { get; }

    private static bool OverridesMessage(INamedTypeSymbol type) => type.GetMembers("Message").OfType<IPropertySymbol>().Any(p => p.IsOverride);

    private static bool IsMessage(IParameterSymbol parameter) =>
        parameter.Type.SpecialType == SpecialType.System_String && string.Equals(parameter.Name, "message", StringComparison.OrdinalIgnoreCase);

    private static bool IsException(ITypeSymbol type) => KnownTypes.IsOrDerives(type, "System", "Exception");

    private static bool CanTravel(ITypeSymbol type) =>
        !IsException(type) && type.TypeKind is not (TypeKind.Delegate or TypeKind.Pointer or TypeKind.Error) && !KnownTypes.IsOrDerives(type, "System", "Type");

    /// <summary>Whether the getter calculates its value: it is declared in source, and it reads no field of its type.</summary>
    private static bool IsComputed(IPropertySymbol property)
    {
        if (property.DeclaringSyntaxReferences.IsEmpty)
        {
            return false;
        }

        var fields = new HashSet<string>(StringComparer.Ordinal);
        foreach (IFieldSymbol field in property.ContainingType.GetMembers().OfType<IFieldSymbol>())
        {
            if (SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property))
            {
                return false;
            }

            fields.Add(field.Name);
        }

        return !property.DeclaringSyntaxReferences
            .SelectMany(syntax => syntax.GetSyntax().DescendantTokens())
            .Any(token => fields.Contains(token.ValueText));
    }

    /// <summary>The type and its bases below <see cref="Exception"/>, the most derived first.</summary>
    private IEnumerable<INamedTypeSymbol> Ancestry()
    {
        for (INamedTypeSymbol? type = _type; type is not null && !KnownTypes.Is(type, "System", "Exception"); type = type.BaseType)
        {
            yield return type;
        }
    }

    private List<IPropertySymbol> Properties()
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { "Message", "Data", "HelpLink", "HResult", "InnerException", "Source", "StackTrace", "TargetSite" };
        return Ancestry().Reverse()
            .SelectMany(type => type.GetMembers().OfType<IPropertySymbol>())
            .Where(p => p is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public, GetMethod.DeclaredAccessibility: Accessibility.Public } &&
                !JsonNames.IsIgnored(p) && !Obsolete.IsError(p) && names.Add(p.Name))
            .ToList();
    }

    private IMethodSymbol? Constructor(List<IPropertySymbol> properties) => _type.InstanceConstructors
        .Where(c => _compilation.IsSymbolAccessibleWithin(c, _within) && !Obsolete.Is(c) &&
            c.Parameters.All(p => p.RefKind == RefKind.None && (IsMessage(p) || IsException(p.Type) || Source(p, properties) is not null)))
        .OrderByDescending(c => c.Parameters.Length)
        .ThenBy(c => c.Parameters.Count(p => IsException(p.Type)))
        .FirstOrDefault();

    /// <summary>The member that a constructor's parameter restores.</summary>
    private IPropertySymbol? Source(IParameterSymbol parameter, List<IPropertySymbol> properties) => properties.Find(p =>
        string.Equals(p.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) &&
        CanTravel(p.Type) &&
        _compilation.ClassifyCommonConversion(p.Type, parameter.Type).IsImplicit);

    private bool CanSet(IPropertySymbol property) =>
        property.SetMethod is { } setter && _compilation.IsSymbolAccessibleWithin(setter, _within);

    private string? FindObstacle(IMethodSymbol? constructor)
    {
        if (_type.IsAbstract)
        {
            return "it is abstract; declare the exceptions that derive from it instead";
        }

        if (constructor is null)
        {
            return "no constructor takes nothing but its message, its own public properties by name, and an inner exception; add one";
        }

        bool leavesRequired = KnownTypes.Attribute(constructor, "System.Diagnostics.CodeAnalysis", "SetsRequiredMembersAttribute") is null &&
            Ancestry().SelectMany(type => type.GetMembers()).Any(member =>
                member is IFieldSymbol { IsRequired: true } ||
                (member is IPropertySymbol { IsRequired: true } p && (JsonNames.IsIgnored(p) || !CanTravel(p.Type))));
        return leavesRequired ? "a required member of it does not travel; make it a property of a type that JSON knows" : null;
    }
}
