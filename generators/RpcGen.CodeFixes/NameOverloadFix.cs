using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Gives an overload its own wire name: <c>FindByName</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class NameOverloadFix : ContractFix<MethodDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN010");

    private protected override Edit? Fix(MethodDeclarationSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator)
    {
        if (model.GetDeclaredSymbol(node) is not { } method ||
            method.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "RpcMethodAttribute") ||
            model.Compilation.GetTypeByMetadataName("RpcGen.RpcMethodAttribute") is not { } type)
        {
            return null;
        }

        string name = Name(method);
        SyntaxNode attribute = generator.Attribute(TypeName(type, model, node.SpanStart), [generator.LiteralExpression(name)]);
        return new Edit($"Use the wire name '{name}'", (MethodDeclarationSyntax)generator
            .AddAttributes(node.WithoutLeadingTrivia(), attribute)
            .WithLeadingTrivia(node.GetLeadingTrivia()));
    }

    /// <summary>
    /// A name made of the parameters' names. It includes their types if another overload has parameters of the same names, and a
    /// number if the name is taken.
    /// </summary>
    private static string Name(IMethodSymbol method)
    {
        List<IMethodSymbol> others = method.ContainingType.AllInterfaces.Prepend(method.ContainingType)
            .SelectMany(type => type.GetMembers())
            .OfType<IMethodSymbol>()
            .Where(other => !SymbolEqualityComparer.Default.Equals(other, method))
            .ToList();
        bool isTwin = others.Any(other => other.Name == method.Name && Arguments(other).Select(p => p.Name).SequenceEqual(Arguments(method).Select(p => p.Name)));
        string suffix = string.Join("And", Arguments(method).Select(p => Pascal(p.Name) + (isTwin ? TypeName(p.Type) : "")));
        string name = ShortName(method) + (suffix.Length == 0 ? "WithNothing" : "By" + suffix);
        var taken = new HashSet<string>(others.Select(WireName), StringComparer.Ordinal);
        string free = name;
        for (int number = 2; taken.Contains(free); number++)
        {
            free = name + number.ToString(CultureInfo.InvariantCulture);
        }

        return free;
    }

    private static string WireName(IMethodSymbol method) =>
        method.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.Name == "RpcMethodAttribute")?.ConstructorArguments.FirstOrDefault().Value as string ??
        ShortName(method);

    private static string ShortName(IMethodSymbol method) => method.Name.Length > 5 && method.Name.EndsWith("Async", StringComparison.Ordinal)
        ? method.Name.Substring(0, method.Name.Length - 5)
        : method.Name;

    /// <summary>The type's name as part of an identifier: <c>ListInt32</c>, <c>Int32Array</c>.</summary>
    private static string TypeName(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => TypeName(array.ElementType) + "Array",
        INamedTypeSymbol named => named.Name + string.Concat(named.TypeArguments.Select(TypeName)),
        _ => type.Name,
    };

    private static IEnumerable<IParameterSymbol> Arguments(IMethodSymbol method) => method.Parameters.Where(p => p.Type.Name != "CancellationToken");

    private static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);
}
