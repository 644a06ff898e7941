using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Obsolete and experimental types and members cause no warnings in generated code.</summary>
public sealed class ObsoleteShapeTests
{
    [Fact]
    public void What_has_a_warning_of_its_own_is_no_warning_in_generated_code() => GeneratorTest.Run("""
        using System.Diagnostics.CodeAnalysis;

        #pragma warning disable CS0612, CS0618, OLD1, OLD2, TRY1, TRY2
        [Obsolete("old", DiagnosticId = "OLD1")] public class Old { public int N { get; set; } }
        [Obsolete] public class Outer { public record Data(int N); public enum Kind { A } }
        [Experimental("TRY1")] public class Tried { [MinLength(1)] public string? S { get; set; } }
        [Obsolete] public class OldCheckAttribute : ValidationAttribute;
        [Obsolete] public class OldBox<T>;
        public class Fault(string message, int n) : Exception(message)
        {
            [Obsolete] public int N { get; } = n;
            [Obsolete("gone", error: true)] public int M { get; set; }
        }

        [AmqpRpc]
        public partial interface IService
        {
            [Obsolete("old", DiagnosticId = "OLD2")] Task A(CancellationToken ct);
            [Experimental("TRY2")] Task B(CancellationToken ct);
            [RpcFault<Fault>("f")] Task<Old> C(Dictionary<Outer.Kind, Outer.Data[]> d, Tried t, [OldCheck] string s, CancellationToken ct);
        }

        [AmqpRpc] public partial interface IOther { Task A(List<OldBox<Tried>> boxes, CancellationToken ct); }
        [AmqpRpc, Obsolete("", true)] public partial interface IGone { Task A(CancellationToken ct); }
        """);

    [Fact]
    public void Obsolete_members_are_no_warning_in_generated_code() => GeneratorTest.Run("""
        [Obsolete] public class Old { }
        [Obsolete] public class OldException(string message) : Exception(message) { }

        [AmqpRpc]
        public partial interface IService
        {
            [Obsolete("use B")] Task A(CancellationToken ct);
            [Obsolete("gone", error: true)] Task B(CancellationToken ct);
            #pragma warning disable CS0612
            Task<Old> C(List<Old> l, CancellationToken ct);
            [RpcFault<OldException>("old")]
            #pragma warning restore CS0612
            Task D(CancellationToken ct);
        }
        """);
}
