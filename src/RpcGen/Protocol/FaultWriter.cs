using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen.Protocol;

/// <summary>Writes the body of a fault as problem details (RFC 9457). It contains no type name, and no stack trace unless disclosed.</summary>
internal static class FaultWriter
{
    /// <summary>The longest <c>detail</c> of a fault that the contract does not declare, in characters. It can quote the request.</summary>
    private const int MaxDetailLength = 2048;

    /// <summary>Writes a declared fault with the exception's own members.</summary>
    public static void WriteDeclared(PooledBuffer body, RpcFault fault, Exception exception) =>
        Write(body, fault.Code, "The service reported a fault.", exception.Message, (fault, exception), static (writer, declared) =>
        {
            writer.WriteStartObject("data"u8);
            declared.fault.WriteData(writer, declared.exception);
            writer.WriteEndObject();
        });

    /// <summary>Writes the fault for arguments that break the contract.</summary>
    /// <param name="body">The buffer to write to.</param>
    /// <param name="exception">The violations.</param>
    /// <param name="ran">Whether the handler ran, if the code alone does not tell; otherwise null.</param>
    public static void WriteValidation(PooledBuffer body, RpcValidationException exception, bool? ran = null) =>
        Write(body, FaultCodes.Validation, "The arguments break the contract.", detail: null, (exception.Errors, ran), static (writer, invalid) =>
        {
            WriteRan(writer, invalid.ran);
            writer.WriteStartObject("errors"u8);
            foreach ((string path, string[] messages) in invalid.Errors)
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

    /// <summary>Writes the fault for an exception that the contract does not declare.</summary>
    /// <param name="body">The buffer to write to.</param>
    /// <param name="detail">What happened.</param>
    /// <param name="disclosed">The exception if it is disclosed to callers; otherwise null.</param>
    /// <param name="ran">Whether the handler ran, if the code alone does not tell; otherwise null.</param>
    public static void WriteInternal(PooledBuffer body, string detail, string? disclosed, bool? ran = null) =>
        Write(body, FaultCodes.Internal, "The service failed.", TextLimit.Shorten(detail, MaxDetailLength), (disclosed, ran), static (writer, extension) =>
        {
            if (extension.disclosed is not null)
            {
                writer.WriteString("exception"u8, extension.disclosed);
            }

            WriteRan(writer, extension.ran);
        });

    /// <summary>Writes the fault for any other reserved code.</summary>
    /// <param name="body">The buffer to write to.</param>
    /// <param name="code">The code.</param>
    /// <param name="title">The code in words.</param>
    /// <param name="detail">What happened.</param>
    /// <param name="ran">Whether the handler ran, if the code alone does not tell; otherwise null.</param>
    public static void Write(PooledBuffer body, string code, string title, string detail, bool? ran = null) =>
        Write(body, code, title, TextLimit.Shorten(detail, MaxDetailLength), ran, static (writer, ran) => WriteRan(writer, ran));

    /// <summary>Writes the fault of an overloaded server.</summary>
    /// <param name="body">The buffer to write to.</param>
    /// <param name="detail">What happened.</param>
    /// <param name="retryAfter">When the caller can try again.</param>
    public static void WriteOverloaded(PooledBuffer body, string detail, TimeSpan retryAfter) =>
        Write(body, FaultCodes.Overloaded, "The request was refused.", detail, (long)Math.Ceiling(retryAfter.TotalMilliseconds), static (writer, pause) => writer.WriteNumber("retryAfter"u8, pause));

    private static void WriteRan(Utf8JsonWriter writer, bool? ran)
    {
        if (ran is { } value)
        {
            writer.WriteBoolean("ran"u8, value);
        }
    }

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
