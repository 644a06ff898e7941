using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Contracts with base interfaces, compiled with warnings as errors.</summary>
public sealed class InheritanceShapeTests
{
    [Fact]
    public void A_closed_generic_interface_may_be_a_base() => GeneratorTest.Run("""
        public record Order(string Id);
        public interface IRepository<T> { Task<T?> FindAsync(string id, CancellationToken ct); Task AddAsync(T item, CancellationToken ct); }
        [AmqpRpc] public partial interface IOrders : IRepository<Order>;
        """);

    [Fact]
    public void Derived_contracts_have_all_inherited_methods() => Snapshot.Match(GeneratorTest.Run("""
        namespace Demo;

        public interface IPlain { Task<int> Plain(int n, CancellationToken ct); Task Covered(CancellationToken ct); }

        [AmqpRpc, RpcTimeout(1_000)]
        public partial interface IBase : IPlain
        {
            Task<long> InBase(object o, CancellationToken ct);
            Task<long> Hidden(CancellationToken ct);
            Task IPlain.Covered(CancellationToken ct) => Task.CompletedTask;
        }

        [AmqpRpc]
        public partial interface IDerived : IBase
        {
            [RpcMethod("Other")] Task<long> InBase(string s, CancellationToken ct);
            new Task<long> Hidden(CancellationToken ct);
        }
        """)["Demo.IDerived.g.cs"]);

    [Fact]
    public void What_is_hidden_may_say_otherwise_of_null() => GeneratorTest.Run("""
        public interface IBase
        {
            Task<string> A(string s, int n, CancellationToken ct);
            ValueTask<List<string?>?> B(string? s, CancellationToken ct);
            Task<string> C(CancellationToken ct);
            Task D(List<string> s, int n, CancellationToken ct);
        }

        [AmqpRpc]
        public partial interface IDerived : IBase
        {
            new Task<string?> A(string? s, int n, CancellationToken ct);
            new ValueTask<List<string>> B(string s, CancellationToken ct);
            new Task<string?> C(CancellationToken ct);
            new Task D(List<string?>? s, int n, CancellationToken ct);
        }
        """);

    [Fact]
    public void Methods_of_bases_need_not_be_public() => GeneratorTest.Run("""
        public interface IBase
        {
            protected Task A(CancellationToken ct);
            internal Task B(CancellationToken ct);
            protected internal Task C(CancellationToken ct);
            private protected Task D(CancellationToken ct);
        }

        [AmqpRpc]
        public partial interface IDerived : IBase
        {
            protected Task E(CancellationToken ct);
            internal Task F(CancellationToken ct);
        }
        """);

    [Fact]
    public void A_base_contract_may_come_from_another_assembly()
    {
        GeneratorRun library = GeneratorTest.Generate(Compile.Of("""
            namespace Library;
            public record Dto([Required] string? Name);
            [AmqpRpc] public partial interface IBase { Task<int> InBase([Range(1, 2)] int n, Dto dto, CancellationToken ct); }
            """).WithAssemblyName("Library"));
        using var image = new MemoryStream();
        Assert.True(library.Output.WithOptions(library.Output.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default)).Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        CSharpCompilation application = Compile.Of("""
            namespace Application;
            [AmqpRpc] public partial interface IDerived : Library.IBase { Task<int> Own(CancellationToken ct); }
            """).AddReferences(MetadataReference.CreateFromImage(image.ToArray()));

        GeneratorRun run = GeneratorTest.Generate(application);

        GeneratorTest.AssertNone(run.Output.Complaints());
        string code = run.Files["Application.IDerived.g.cs"];
        Assert.Contains("global::Library.IBase.InBase(int n, global::Library.Dto dto,", code, StringComparison.Ordinal);
        Assert.Contains("string.IsNullOrWhiteSpace(value.Name)", code, StringComparison.Ordinal);
    }
}
