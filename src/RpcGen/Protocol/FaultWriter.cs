using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen.Protocol;

/// <summary>Writes the body of a fault as problem details (RFC 9457). It contains no type name, and no stack trace unless disclosed.</summary>
internal static class FaultWriter
{
    /// <summary>Writes a declared fault with the exception's own members.</summary>
    public static void WriteDeclared(PooledBuffer body, RpcFault fault, Exception exception) =>
        Write(body, fault.Code, "The service reported a fault.", exception.Message, (fault, exception), static (writer, declared) =>
        {
            writer.WriteStartObject("data"u8);
            declared.fault.WriteData(writer, declared.exception);
            writer.WriteEndObject();
        });

    /// <summary>Writes the fault for arguments that break the contract.</summary>
    public static void WriteValidation(PooledBuffer body, RpcValidationException exception) =>
        Write(body, FaultCodes.Validation, "The arguments break the contract.", detail: null, exception.Errors, static (writer, errors) =>
        {
            writer.WriteStartObject("errors"u8);
            foreach ((string path, string[] messages) in errors)
            {
                writer.WriteStartArray(path);
                foreach (string message in messages)
                {
                    writer.WriteStringValue(message);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        });

    /// <summary>Writes the fault for an exception that the contract does not declare. <paramref name="disclosed"/> is null unless the exception is disclosed to callers.</summary>
    public static void WriteInternal(PooledBuffer body, string detail, string? disclosed) =>
        Write(body, FaultCodes.Internal, "The service failed.", detail, disclosed, static (writer, exception) =>
        {
            if (exception is not null)
            {
                writer.WriteString("exception"u8, exception);
            }
        });

    /// <summary>Writes the fault for any other reserved code.</summary>
    public static void Write(PooledBuffer body, string code, string title, string detail) =>
        Write(body, code, title, detail, 0, static (_, _) => { });

    private static void Write<T>(PooledBuffer body, string code, string title, string? detail, T extension, Action<Utf8JsonWriter, T> writeExtension)
    {
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        writer.WriteStartObject();
        writer.WriteString("type"u8, WireNames.FaultUrn + code);
        writer.WriteString("title"u8, title);
        if (detail is not null)
        {
            writer.WriteString("detail"u8, detail);
        }

        writeExtension(writer, extension);
        writer.WriteEndObject();
        writer.Flush();
        JsonWriters.Return(writer);
    }
}
