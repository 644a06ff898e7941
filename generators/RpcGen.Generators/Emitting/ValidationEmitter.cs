using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The checks of one method's arguments.</summary>
internal static class ValidationEmitter
{
    public static string Emit(MethodModel method) => Code.Lines(method.Arguments.Select(Check));

    /// <summary>What could not be read was noted already: it is not checked again.</summary>
    private static string Check(ParameterModel parameter)
    {
        if (!parameter.RefusesNull)
        {
            return "";
        }

        string path = CSharpText.Literal(parameter.WireName);
        return Code.Of($$"""
            if (validation.CanCheck({{path}}))
            {
                validation.NotNull(arguments.{{parameter.FieldName}}, {{path}});
            }
            """);
    }
}
