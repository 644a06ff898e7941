using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Cli.Programs;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>The programs that <c>rpcgen call --as</c> writes. Those in Python and for Node are run against a broker elsewhere.</summary>
public sealed class CallProgramTextTests
{
    private const string Hostile = "a\"; System.Environment.Exit(1); //\r\n\u2028\u202e\\ü😀'${x}`{y}\0";

    public static TheoryData<string, bool, bool, string> Calls => new()
    {
        { "Place", false, false, "{\"n\":30}" },
        { "Place", true, true, "{}" },
        { Hostile, false, true, "{\"text\":\"\\u00fc\\u0022\\\\'\"}" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_program_in_csharp_compiles(string name, bool isOneWay, bool isFull, string arguments)
    {
        string code = Program(name, isOneWay, isFull, arguments).Write("csharp");

        Assert.Empty(Compiled(code).Complaints());
    }

    [Fact]
    public void The_program_in_csharp_makes_the_same_call()
    {
        string code = Program("Place", isOneWay: false, isFull: true, "{\"n\":30}").Write("csharp");

        Assert.Contains("""client.CallAsync(method, arguments, options)""", code, StringComparison.Ordinal);
        Assert.Contains("""Encoding.UTF8.GetBytes("{\"n\":30}")""", code, StringComparison.Ordinal);
        Assert.Contains("""Call = new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(1500), Priority = 7, Metadata = new RpcMetadata([new("tenant", "\u00fc")]) },""", code, StringComparison.Ordinal);
        Assert.Contains("Delivery = RpcDelivery.AtMostOnce,", code, StringComparison.Ordinal);
        Assert.Contains("IsDurable = true,", code, StringComparison.Ordinal);
        Assert.Contains($"#:package RpcGen@{typeof(RpcConnection).Assembly.GetName().Version!.ToString(3)}", code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csharp")]
    [InlineData("python")]
    [InlineData("typescript")]
    public void A_hostile_name_is_only_a_literal(string language)
    {
        string plain = Program("a", isOneWay: false, isFull: false, "{}", queue: "b").Write(language);
        string hostile = Program(Hostile, isOneWay: false, isFull: false, "{}", queue: Hostile).Write(language);

        Assert.Equal(plain.Split('\n').Length, hostile.Split('\n').Length);
        Assert.All(hostile, letter => Assert.True(letter is '\n' or (>= ' ' and <= '~')));
        string literal = language == "python" ? Literals.OfPython(Hostile) : Literals.Of(Hostile);
        Assert.Equal(plain, hostile.Replace($"queue = {literal}", "queue = \"b\"", StringComparison.Ordinal).Replace($"method = {literal}", "method = \"a\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_literal_of_csharp_reads_back_as_the_text()
    {
        string literal = Literals.Of(Hostile);

        Assert.Equal(Hostile, SyntaxFactory.ParseToken(literal).ValueText);
        Assert.Equal(literal.Length, SyntaxFactory.ParseToken(literal).FullSpan.Length);
        Assert.Equal("\"\\U0001f600\\U000000fc\\\"\\\\\"", Literals.OfPython("😀ü\"\\"));
        Assert.Equal("'{\"a\":\"\\u0027\\\\n\"}'", Literals.OfJson("{\"a\":\"'\\n\"}"));
    }

    [Fact]
    public void Without_a_limit_nothing_expires()
    {
        CallProgram endless = Program("a", isOneWay: false, isFull: false, "{}") with { Limit = Timeout.InfiniteTimeSpan };

        Assert.Contains("Timeout = Timeout.InfiniteTimeSpan", endless.Write("csharp"), StringComparison.Ordinal);
        Assert.DoesNotContain("expiration", endless.Write("python") + endless.Write("typescript"), StringComparison.Ordinal);
        Assert.Contains("seconds = None", endless.Write("python"), StringComparison.Ordinal);
        Assert.DoesNotContain("No answer", endless.Write("typescript"), StringComparison.Ordinal);
    }

    private static CallProgram Program(string name, bool isOneWay, bool isFull, string arguments, string queue = "Shop.Orders") => new(
        queue,
        new RpcMethodDescription { Name = name, IsOneWay = isOneWay, IsDurable = isFull, Priority = isFull ? (byte)7 : (byte)0, IsAtMostOnce = isFull },
        arguments,
        TimeSpan.FromSeconds(1.5),
        isFull ? new RpcMetadata([KeyValuePair.Create("tenant", "ü")]) : null);

    private static CSharpCompilation Compiled(string code)
    {
        CSharpParseOptions options = Compile.ParseOptions.WithFeatures([KeyValuePair.Create("FileBasedProgram", "true")]);
        return CSharpCompilation.Create(
            "Program",
            [Parse(Compile.GlobalUsings, "/test/Usings.cs"), Parse(code, "/test/Program.cs")],
            Compile.AllReferences,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable, generalDiagnosticOption: ReportDiagnostic.Error));

        SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, options, path, cancellationToken: TestContext.Current.CancellationToken);
    }
}
