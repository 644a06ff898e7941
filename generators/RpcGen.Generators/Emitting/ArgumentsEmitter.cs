using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The struct that carries a method's arguments.</summary>
internal static class ArgumentsEmitter
{
    public static string Emit(MethodModel method) => !method.Arguments.Any()
        ? "public readonly struct Arguments;"
        : Code.Of($$"""
            public readonly struct Arguments
            {
                {{Code.Lines(method.Arguments.Select(p => $"public readonly {p.Type} {p.FieldName};"))}}

                public Arguments({{string.Join(", ", method.Arguments.Select(p => $"{p.Type} {p.Name}"))}})
                {
                    {{Code.Lines(method.Arguments.Select(p => $"this.{p.FieldName} = {p.Name};"))}}
                }
            }
            """);
}
