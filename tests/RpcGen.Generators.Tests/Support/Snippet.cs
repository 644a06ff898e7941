using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Gives unit tests the symbols of a snippet, without running generator or analyzers.</summary>
internal sealed class Snippet(string code)
{
    public CSharpCompilation Compilation { get; } = Compile.Of(code);

    /// <summary>A type by its metadata name.</summary>
    public INamedTypeSymbol Type(string metadataName) => Compilation.GetTypeByMetadataName(metadataName)!;

    /// <summary>The only member with that name.</summary>
    public ISymbol Member(string type, string name) => Type(type).GetMembers(name).Single();

    /// <summary>The type of a field of the snippet's <c>class C</c>.</summary>
    public ITypeSymbol TypeOfField(string name) => ((IFieldSymbol)Member("C", name)).Type;

    /// <summary>A type by its C# name.</summary>
    public static ITypeSymbol Named(string type, string declarations = "") => new Snippet($"#pragma warning disable\npublic unsafe class C {{ public {type} F; }}\n{declarations}").TypeOfField("F");
}
