using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Units;

/// <summary>Tests how types, collections and nullability are recognized.</summary>
public sealed class KnownTypesTests
{
    private const string Declarations = """
        namespace System.Own { public class Type; }
        namespace Own.System { public class String; }
        public class Outer { public class Inner; public class Generic<T>; }
        public class Derived : List<int>;
        public class NoCount : IEnumerable<int> { public IEnumerator<int> GetEnumerator() => null!; IEnumerator System.Collections.IEnumerable.GetEnumerator() => null!; private int Count => 1; public static int Length => 1; }
        public class LongCount { public long Count => 1; }
        """;

    [Theory]
    [InlineData("string", "System", "String", true)]
    [InlineData("string", "System", "Strin", false)]
    [InlineData("string", "Syste", "String", false)]
    [InlineData("string", "", "String", false)]
    [InlineData("Own.System.String", "System", "String", false)]
    [InlineData("Own.System.String", "Own.System", "String", true)]
    [InlineData("Own.System.String", "xOwn.System", "String", false)]
    [InlineData("Own.System.String", "Own+System", "String", false)]
    [InlineData("List<int>", "System.Collections.Generic", "List`1", true)]
    [InlineData("List<int>", "System.Collections.Generic", "List", false)]
    [InlineData("List<int>", "System.Collections.Generic", "List`2", false)]
    [InlineData("List<int>", "System.Collections.Generic", "List.1", false)]
    [InlineData("List<int>", "System.Collections.Generic", "Lisp`1", false)]
    [InlineData("List<int>", "Collections.Generic", "List`1", false)]
    [InlineData("List<int>", "Generic", "List`1", false)]
    [InlineData("Outer.Inner", "", "Inner", false)]
    [InlineData("Outer.Generic<int>", "", "Generic`1", false)]
    [InlineData("int[]", "System", "Array", false)]
    public void A_type_is_known_by_namespace_and_metadata_name(string type, string @namespace, string name, bool isKnown) =>
        Assert.Equal(isKnown, KnownTypes.Is(Snippet.Named(type, Declarations), @namespace, name));

    [Fact]
    public void Base_types_count_if_asked_for()
    {
        ITypeSymbol derived = Snippet.Named("Derived", Declarations);
        Assert.True(KnownTypes.IsOrDerives(derived, "System.Collections.Generic", "List`1"));
        Assert.True(KnownTypes.IsOrDerives(derived, "System", "Object"));
        Assert.False(KnownTypes.Is(derived, "System", "Object"));
        Assert.False(KnownTypes.IsOrDerives(derived, "System", "String"));
        Assert.False(KnownTypes.IsOrDerives(null, "System", "Object"));
    }

    [Theory]
    [InlineData("string", true)]
    [InlineData("System.Text.Json.JsonElement", true)]
    [InlineData("System.Own.Type", false)]
    [InlineData("Own.System.String", false)]
    [InlineData("Outer", false)]
    [InlineData("AmqpRpcAttribute", false)]
    public void Types_of_the_framework_have_its_namespace_and_assembly(string type, bool isOfFramework) =>
        Assert.Equal(isOfFramework, KnownTypes.IsOfFramework(Snippet.Named(type, Declarations)));

    [Theory]
    [InlineData("int[]", "int", null, "Length", false)]
    [InlineData("int[,]", null, null, "Length", false)]
    [InlineData("string", null, null, "Length", true)]
    [InlineData("List<string>", "string", null, "Count", false)]
    [InlineData("IEnumerable<int>", "int", null, null, true)]
    [InlineData("IReadOnlyCollection<int>", "int", null, "Count", false)]
    [InlineData("ICollection<int>", "int", null, "Count", false)]
    [InlineData("Dictionary<int, string>", "System.Collections.Generic.KeyValuePair<int, string>", "string", "Count", false)]
    [InlineData("IReadOnlyDictionary<int, bool>", "System.Collections.Generic.KeyValuePair<int, bool>", "bool", "Count", false)]
    [InlineData("System.Collections.Immutable.ImmutableArray<int>", "int", null, "AsSpan().Length", false)]
    [InlineData("Memory<int>", null, null, "Length", true)]
    [InlineData("Derived", "int", null, "Count", false)]
    [InlineData("NoCount", "int", null, null, true)]
    [InlineData("LongCount", null, null, null, true)]
    public void Collections_have_elements_and_a_count(string type, string? element, string? dictionaryValue, string? count, bool mayBeLazy)
    {
        ITypeSymbol symbol = Snippet.Named(type, Declarations);
        Assert.Equal(element, CollectionTypes.Element(symbol)?.ToDisplayString());
        Assert.Equal(dictionaryValue, CollectionTypes.DictionaryValue(symbol)?.ToDisplayString());
        Assert.Equal(count, CollectionTypes.CountProperty(symbol));
        Assert.Equal(mayBeLazy, CollectionTypes.MayBeLazy(symbol));
        Assert.Equal(element is not null || symbol is IArrayTypeSymbol, CollectionTypes.IsCollection(symbol));
    }

    [Theory]
    [InlineData("int", false, false, false, "int")]
    [InlineData("int?", true, true, false, "int")]
    [InlineData("string", true, false, true, "string")]
    [InlineData("string?", true, false, false, "string")]
    [InlineData("List<string?>?", true, false, false, "System.Collections.Generic.List<string?>")]
    public void Null_is_possible_or_refused(string type, bool hasNull, bool isNullableValue, bool refusesNull, string underlying)
    {
        ITypeSymbol symbol = Snippet.Named(type);
        Assert.Equal(hasNull, Nullability.HasNull(symbol));
        Assert.Equal(isNullableValue, Nullability.IsNullableValue(symbol));
        Assert.Equal(refusesNull, Nullability.RefusesNull(symbol, []));
        Assert.Equal(underlying, Nullability.Underlying(symbol).ToDisplayString());
    }

    [Fact]
    public void AllowNull_accepts_null()
    {
        ISymbol field = new Snippet("public class C { [System.Diagnostics.CodeAnalysis.AllowNull] public string F = null!; }").Member("C", "F");
        Assert.False(Nullability.RefusesNull(((IFieldSymbol)field).Type, field.GetAttributes()));
    }

    [Fact]
    public void Obsolete_members_are_warnings_or_errors()
    {
        var snippet = new Snippet("public class C { public int A; [Obsolete] public int B; [Obsolete(\"m\")] public int C1; [Obsolete(\"m\", false)] public int D; [Obsolete(\"m\", true)] public int E; }");
        Assert.Equal("-BCDE", string.Concat(new[] { "A", "B", "C1", "D", "E" }.Select(name => ObsoleteAttributes.IsObsolete(snippet.Member("C", name)) ? name[..1] : "-")));
        Assert.Equal("----E", string.Concat(new[] { "A", "B", "C1", "D", "E" }.Select(name => ObsoleteAttributes.IsError(snippet.Member("C", name)) ? name : "-")));
    }

    [Theory]
    [InlineData("Task", true, null)]
    [InlineData("Task<int>", true, "int")]
    [InlineData("ValueTask", true, null)]
    [InlineData("ValueTask<string>", true, "string")]
    [InlineData("ref Task", false, null)]
    [InlineData("ref readonly Task<int>", false, "int")]
    [InlineData("TaskFactory", false, null)]
    [InlineData("List<int>", false, "int")]
    [InlineData("void", false, null)]
    public void Tasks_are_recognized(string type, bool isTask, string? result)
    {
        var method = (IMethodSymbol)new Snippet($"public interface C {{ {type} M(); }}").Member("C", "M");
        Assert.Equal(isTask, TaskType.IsTask(method));
        Assert.Equal(result, TaskType.Result(method)?.ToDisplayString());
    }

    [Fact]
    public void Names_are_spelled_for_code_and_for_messages()
    {
        ITypeSymbol type = Snippet.Named("Demo.@class.@event<List<string?>>", "namespace Demo.@class { public class @event<T>; }");
        Assert.Equal("global::Demo.@class.@event<global::System.Collections.Generic.List<string?>>", TypeDisplay.FullName(type));
        Assert.Equal("@event<List<string?>>", TypeDisplay.ShortName(type));
        Assert.Equal("Demo.@class", TypeDisplay.NamespaceInCode(type.ContainingNamespace));
        Assert.Equal("Demo.class", TypeDisplay.Namespace(type.ContainingNamespace));
    }
}
