using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Units;

/// <summary>Tests how exceptions are taken apart and rebuilt, without generating code.</summary>
public sealed class ExceptionShapeTests
{
    private const string Declarations = """
        public interface IContract;
        public class Plain : Exception;
        public class Members : Exception
        {
            private readonly int _n;
            private static int s_count;
            public Members(string message, int a, Exception? innerException) : base(message, innerException) { A = a; }
            public Members(string message, int a) : base(message) { A = a; }
            [Obsolete] public Members(string message, int a, int b, Exception? innerException) { }
            private Members(string message, int a, int b, int c, int d) { }
            public int A { get; }
            public int B { get; set; }
            public int FromField => _n;
            public int Computed => A * 2;
            public int Stored { get; } = 1;
            public int PrivateSetter { get; private set; }
            public int InternalSetter { get; internal set; }
            public static int Static { get; set; }
            public int this[int i] { get => i; set { } }
            internal int Internal { get; set; }
            public int PrivateGetter { private get; set; }
            [JsonIgnore] public int Ignored { get; set; }
            [Obsolete("", true)] public int Forbidden { get; set; }
            public Exception? Cause { get; set; }
            public Action? Callback { get; set; }
            public Type? Type { get; set; }
            public override string Source { get; set; }
        }
        public class Derived(string MESSAGE, long a) : Members(MESSAGE, 1) { public new long A { get; } = a; public string? Note { get; set; } }
        public abstract class Abstract : Exception;
        public class Unreachable(int unknown) : Exception;
        public class ByReference : Exception { public ByReference(ref int a) { } public int A { get; set; } }
        public class RequiredField : Exception { public required int F; }
        public class RequiredIgnored : Exception { [JsonIgnore] public required int A { get; set; } }
        public class RequiredType : Exception { public required Type A { get; set; } }
        public class RequiredSet : Exception { [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public RequiredSet(int a) { A = a; } public required int A { get; set; } public required Type T; }
        public class Required(int a) : Exception { public required int A { get; set; } = a; }
        public class OwnMessage(string message) : Exception(message) { public override string Message => "own"; }
        public class OwnConstantMessage : Exception { public override string Message => "own"; }
        """;

    private static readonly Snippet Exceptions = new(Declarations);

    [Theory]
    [InlineData("Plain", "")]
    [InlineData("Members", "A B InternalSetter")]
    [InlineData("Derived", "A B InternalSetter Note")]
    [InlineData("Required", "A")]
    public void Constructor_and_setters_decide_what_is_transmitted(string type, string expected) =>
        Assert.Equal(expected, string.Join(' ', Shape(type).Transmitted.Select(property => property.Name).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("Plain", "")]
    [InlineData("Members", "Callback Cause FromField PrivateSetter Stored Type")]
    public void Other_properties_are_lost_unless_they_are_computed(string type, string expected) =>
        Assert.Equal(expected, string.Join(' ', Shape(type).Unrestored.Select(property => property.Name).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("Plain", "")]
    [InlineData("Members", "message A inner")]
    [InlineData("Required", "A")]
    public void The_longest_accessible_constructor_is_used(string type, string expected)
    {
        ExceptionShape shape = Shape(type);
        Assert.Equal(expected, string.Join(' ', shape.Arguments.Select(argument =>
            argument.IsMessage ? "message" : argument.MemberIndex < 0 ? "inner" : shape.Members[argument.MemberIndex].Name)));
    }

    [Theory]
    [InlineData("Members", "B InternalSetter")]
    [InlineData("Required", "A")]
    [InlineData("RequiredSet", "")]
    public void Setters_restore_what_the_constructor_does_not(string type, string expected) =>
        Assert.Equal(expected, string.Join(' ', Shape(type).Members.Where(member => member.IsAssigned).Select(member => member.Name).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("Abstract", "it is abstract")]
    [InlineData("Unreachable", "it has no accessible constructor")]
    [InlineData("ByReference", "it has no accessible constructor")]
    [InlineData("RequiredField", "one of its required members")]
    [InlineData("RequiredIgnored", "one of its required members")]
    [InlineData("RequiredType", "one of its required members")]
    public void Obstacles_are_explained(string type, string start)
    {
        ExceptionShape shape = Shape(type);
        Assert.StartsWith(start, shape.Obstacle, StringComparison.Ordinal);
        Assert.Empty(shape.Transmitted);
    }

    [Theory]
    [InlineData("Plain", false)]
    [InlineData("OwnMessage", true)]
    [InlineData("OwnConstantMessage", false)]
    public void A_message_is_composed_twice_only_if_the_constructor_takes_one(string type, bool composesMessage) =>
        Assert.Equal(composesMessage, Shape(type).ComposesMessage);

    [Theory]
    [InlineData("Computed", true)]
    [InlineData("FromField", false)]
    [InlineData("Stored", false)]
    public void A_getter_that_reads_no_field_is_computed(string property, bool isComputed) =>
        Assert.Equal(isComputed, ExceptionProperties.IsComputed((IPropertySymbol)Exceptions.Member("Members", property)));

    private static ExceptionShape Shape(string type) => new(Exceptions.Type(type), Exceptions.Compilation, Exceptions.Type("IContract"));
}
