using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The class that writes and rebuilds one declared exception.</summary>
internal static class FaultEmitter
{
    public static Code Emit(FaultModel fault) => Code.Of($$"""
        /// <summary>The fault {{CSharpText.XmlText(fault.Code)}}.</summary>
        public sealed class {{fault.ClassName}}(global::RpcGen.Generated.RpcJson json)
            : global::RpcGen.Generated.RpcFault<{{fault.ExceptionType}}>(json, {{CSharpText.Literal(fault.Code)}})
        {
            {{Code.Lines(fault.Members.Select(m => $"private readonly global::RpcGen.Generated.RpcProperty<{m.Type}> {m.PropertyName} = new(json, {CSharpText.Literal(m.JsonName)});"))}}

            protected override void Write(global::System.Text.Json.Utf8JsonWriter writer, {{fault.ExceptionType}} exception)
            {
                {{Code.Lines(fault.Members.Select(m => $"this.{m.PropertyName}.Write(writer, exception.{m.Name});"))}}
            }

            protected override {{fault.ExceptionType}} Read(global::RpcGen.Generated.RpcFaultData data) =>
                new({{string.Join(", ", fault.Arguments.Select(a => Argument(a, fault)))}}){{Initializer(fault)}};
        }
        """);

    private static string Argument(FaultArgumentModel argument, FaultModel fault) => argument switch
    {
        { IsMessage: true } => "data.Message",
        { MemberIndex: >= 0 } => ReadMember(fault.Members[argument.MemberIndex]),
        _ => $"default({argument.Type})!",
    };

    private static Code Initializer(FaultModel fault)
    {
        Code lines = Code.Lines(fault.Members.Where(m => m.IsAssigned).Select(m => $"{m.Name} = {ReadMember(m)},"));
        return lines.IsEmpty ? lines : Code.Of($$"""

            {
                {{lines}}
            }
            """);
    }

    /// <summary>An older peer may leave a member out: what is not nullable then is null all the same, rather than fail the call.</summary>
    private static string ReadMember(FaultMemberModel member) =>
        $"data.Get(this.{member.PropertyName}){(member.IsNonNullableReference ? "!" : "")}";
}
