using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>Emits the class that writes and rebuilds a declared exception.</summary>
internal static class FaultEmitter
{
    public static Code Emit(FaultModel fault) => Code.Of($$"""
        /// <summary>The fault {{XmlText.Of(fault.Code)}}.</summary>
        public sealed class {{fault.ClassName}}(global::RpcGen.Generated.RpcJson json)
            : global::RpcGen.Generated.RpcFault<{{fault.ExceptionType}}>(json, {{Literals.Of(fault.Code)}})
        {
            {{Code.Lines(fault.Members.Select(m => $"private readonly global::RpcGen.Generated.RpcProperty<{m.Type}> {m.FieldName} = new(json, {Literals.Of(m.JsonName)});"))}}

            {{Status(fault)}}

            {{Members(fault)}}

            protected override void Write(global::System.Text.Json.Utf8JsonWriter writer, {{fault.ExceptionType}} exception)
            {
                {{Code.Lines(fault.Members.Select(m => $"this.{m.FieldName}.Write(writer, exception.{m.Name});"))}}
            }

            protected override {{fault.ExceptionType}} Read(global::RpcGen.Generated.RpcFaultData data) =>
                new({{string.Join(", ", fault.Arguments.Select(a => Argument(a, fault)))}}){{Initializer(fault)}};
        }
        """);

    private static Code Status(FaultModel fault) => fault.HttpStatus is { } status ? Code.Of($"public override int HttpStatus => {status};") : Code.Empty;

    private static Code Members(FaultModel fault) => fault.Members.Count == 0 ? Code.Empty : Code.Of(
        $"public override global::System.Collections.Generic.IReadOnlyList<global::RpcGen.RpcProperty> Members => [{string.Join(", ", fault.Members.Select(m => $"this.{m.FieldName}"))}];");

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

    /// <summary>
    /// Reads a member. An older peer can leave it out: then even a non-nullable property is null, because the exception with a
    /// missing value is more useful than a failure to rebuild it.
    /// </summary>
    private static string ReadMember(FaultMemberModel member) =>
        $"data.Get(this.{member.FieldName}){(member.IsNonNullableReference ? "!" : "")}";
}
