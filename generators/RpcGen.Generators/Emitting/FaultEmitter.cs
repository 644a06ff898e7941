using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The class that writes and rebuilds one declared exception.</summary>
internal static class FaultEmitter
{
    public static string Emit(FaultModel fault) => Code.Of($$"""
        /// <summary>The fault {{CSharpText.XmlText(fault.Code)}}.</summary>
        {{ContractEmitter.GeneratedCode}}
        private sealed class {{fault.ClassName}} : global::RpcGen.Generated.RpcFault<{{fault.ExceptionType}}>
        {
            {{Code.Lines(fault.Members.Select(m => $"private readonly global::System.Text.Json.Serialization.Metadata.JsonTypeInfo<{m.Type}> {m.TypeInfoName};"))}}

            public {{fault.ClassName}}(global::RpcGen.Generated.RpcJson json)
                : base({{CSharpText.Literal(fault.Code)}})
            {
                {{Code.Lines(fault.Members.Select(m => $"this.{m.TypeInfoName} = json.GetTypeInfo<{m.Type}>();"))}}
            }

            protected override void Write(global::System.Text.Json.Utf8JsonWriter writer, {{fault.ExceptionType}} exception)
            {
                {{Code.Lines(fault.Members.Select(WriteMember))}}
            }

            protected override {{fault.ExceptionType}} Read(global::RpcGen.Generated.RpcFaultData data) =>
                new({{string.Join(", ", fault.Arguments.Select(a => Argument(a, fault)))}}){{Initializer(fault)}};
        }
        """);

    private static string WriteMember(FaultMemberModel member) => Code.Of($$"""
        writer.WritePropertyName({{CSharpText.Literal(member.JsonName)}}u8);
        global::System.Text.Json.JsonSerializer.Serialize(writer, exception.{{member.Name}}, this.{{member.TypeInfoName}});
        """);

    private static string Argument(FaultArgumentModel argument, FaultModel fault) => argument switch
    {
        { IsMessage: true } => "data.Message",
        { MemberIndex: >= 0 } => ReadMember(fault.Members[argument.MemberIndex]),
        _ => $"default({argument.Type})!",
    };

    private static string Initializer(FaultModel fault)
    {
        string lines = Code.Lines(fault.Members.Where(m => m.IsAssigned).Select(m => $"{m.Name} = {ReadMember(m)},"));
        return lines.Length == 0 ? "" : Code.Of($$"""

            {
                {{lines}}
            }
            """);
    }

    /// <summary>An older peer may leave a member out: what is not nullable then is null all the same, rather than fail the call.</summary>
    private static string ReadMember(FaultMemberModel member) =>
        $"data.Get({CSharpText.Literal(member.JsonName)}, this.{member.TypeInfoName}){(member.IsNonNullableReference ? "!" : "")}";
}
