using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>
/// Tells properties that hold data from those that are calculated from other members, and whose loss in messages makes no
/// difference. Sees only properties without a setter.
/// </summary>
internal static class CalculatedProperties
{
    public static bool IsCalculated(IPropertySymbol property, IMethodSymbol? constructor)
    {
        if (property.IsAbstract || property.ContainingType.TypeKind == TypeKind.Interface)
        {
            return true;
        }

        return property.DeclaringSyntaxReferences is [var reference, ..]
            ? reference.GetSyntax() is not PropertyDeclarationSyntax declaration || IsCalculated(property, declaration, constructor)
            : !HasGeneratedGetter(property);
    }

    /// <summary>Whether the property is automatic: the compiler wrote its getter.</summary>
    public static bool IsAutomatic(IPropertySymbol property) =>
        property.DeclaringSyntaxReferences is [var reference, ..] && reference.GetSyntax() is PropertyDeclarationSyntax declaration && Getter(declaration) is null;

    private static bool IsCalculated(IPropertySymbol property, PropertyDeclarationSyntax declaration, IMethodSymbol? constructor)
    {
        if (Getter(declaration) is not { } getter)
        {
            return IsConstant(declaration) && !IsAssigned(property);
        }

        HashSet<string> state = [.. State(property, constructor)];
        List<IdentifierNameSyntax> used = [.. getter.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Where(name => state.Contains(name.Identifier.ValueText) && IsOwn(name))];
        bool usesBackingField = getter.DescendantTokens().Any(token => token.Text == "field") && BackingField(property) is not null;
        bool cachesItself = getter.DescendantNodesAndSelf().OfType<AssignmentExpressionSyntax>().Any();
        return (used.Count == 0 && !usesBackingField) || cachesItself;
    }

    /// <summary>The getter's code; null for an automatic property.</summary>
    private static SyntaxNode? Getter(PropertyDeclarationSyntax declaration)
    {
        AccessorDeclarationSyntax? accessor = declaration.AccessorList?.Accessors.FirstOrDefault(accessor => accessor.IsKind(SyntaxKind.GetAccessorDeclaration));
        return declaration.ExpressionBody?.Expression ?? accessor?.ExpressionBody?.Expression ?? (SyntaxNode?)accessor?.Body;
    }

    /// <summary>The names of what the type holds and JSON does not set: fields, and parameters of a primary constructor that JSON does not call.</summary>
    private static IEnumerable<string> State(IPropertySymbol property, IMethodSymbol? constructor)
    {
        INamedTypeSymbol type = property.ContainingType;
        HashSet<string> set = [.. SettingCode(type, constructor).SelectMany(code => code.DescendantNodes()).OfType<IdentifierNameSyntax>().Select(name => name.Identifier.ValueText)];
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>())
        {
            bool isConstant = field.IsReadOnly && IsImmutable(field.Type) && HasInitializer(field);
            if (field is { IsStatic: false, IsConst: false, IsImplicitlyDeclared: false } && JsonMember.Of(field) is not { IsWritten: true } && !isConstant && !set.Contains(field.Name))
            {
                yield return field.Name;
            }
        }

        foreach (IMethodSymbol other in type.InstanceConstructors.Where(other => !SymbolEqualityComparer.Default.Equals(other, constructor)))
        {
            foreach (IParameterSymbol parameter in other.Parameters.Where(_ => Syntax(other) is TypeDeclarationSyntax and not RecordDeclarationSyntax))
            {
                yield return parameter.Name;
            }
        }
    }

    /// <summary>The code that runs while JSON reads an object: its constructor, and the setters that JSON calls.</summary>
    private static IEnumerable<SyntaxNode> SettingCode(INamedTypeSymbol type, IMethodSymbol? constructor)
    {
        IEnumerable<IMethodSymbol?> setters = type.GetMembers().OfType<IPropertySymbol>().Where(property => JsonMember.Of(property) is { IsSettable: true }).Select(property => property.SetMethod);
        foreach (IMethodSymbol method in setters.Append(constructor).OfType<IMethodSymbol>())
        {
            if (Syntax(method) is { } code and not TypeDeclarationSyntax)
            {
                yield return code;
            }
        }
    }

    private static SyntaxNode? Syntax(IMethodSymbol method) => method.DeclaringSyntaxReferences is [var reference, ..] ? reference.GetSyntax() : null;

    /// <summary>Whether the name can be a member of this object: it stands alone, or after <c>this.</c></summary>
    private static bool IsOwn(IdentifierNameSyntax name) =>
        name.Parent is not MemberAccessExpressionSyntax access || access.Name != name || access.Expression is ThisExpressionSyntax;

    private static bool IsConstant(PropertyDeclarationSyntax declaration) => declaration.Initializer?.Value switch
    {
        LiteralExpressionSyntax => true,
        PrefixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax } => true,
        MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax type } => declaration.Type is IdentifierNameSyntax declared && declared.Identifier.ValueText == type.Identifier.ValueText,
        _ => false,
    };

    /// <summary>Whether a constructor assigns the property.</summary>
    private static bool IsAssigned(IPropertySymbol property) => property.ContainingType.InstanceConstructors
        .Select(Syntax)
        .OfType<ConstructorDeclarationSyntax>()
        .SelectMany(constructor => constructor.DescendantNodes())
        .OfType<AssignmentExpressionSyntax>()
        .Any(assignment => assignment.Left.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Any(name => name.Identifier.ValueText == property.Name));

    private static bool HasInitializer(IFieldSymbol field) =>
        field.DeclaringSyntaxReferences is [var reference, ..] && reference.GetSyntax() is VariableDeclaratorSyntax { Initializer: not null };

    private static bool IsImmutable(ITypeSymbol type) => type.IsValueType || type.SpecialType == SpecialType.System_String;

    private static IFieldSymbol? BackingField(IPropertySymbol property) =>
        property.ContainingType.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    /// <summary>Compiled code has no syntax, but the compiler marks the getters that it writes.</summary>
    private static bool HasGeneratedGetter(IPropertySymbol property) =>
        property.GetMethod is { } getter && AttributeLookup.Find(getter, "System.Runtime.CompilerServices", "CompilerGeneratedAttribute") is not null;
}
