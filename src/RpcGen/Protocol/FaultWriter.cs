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
    /// <param name="execution">Whether the call ran, if the code alone would say otherwise; otherwise null.</param>
    public static void WriteValidation(PooledBuffer body, RpcValidationException exception, RpcExecution? execution = null) =>
        Write(body, FaultCodes.Validation, "The arguments break the contract.", detail: null, (exception.Errors, execution), static (writer, extension) =>
        {
            writer.WriteStartObject("errors"u8);
            foreach ((string path, string[] messages) in extension.Errors)
            {
                writer.WriteStartArray(path);
                foreach (string message in messages)
                {
                    writer.WriteStringValue(message);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            WriteRan(writer, extension.execution);
        });

    /// <summary>Writes the fault for an exception that the contract does not declare.</summary>
    /// <param name="body">The buffer to write to.</param>
    /// <param name="detail">What happened.</param>
    /// <param name="disclosed">The exception if it is disclosed to callers; otherwise null.</param>
    /// <param name="execution">Whether the call ran, if the code alone would say otherwise; otherwise null.</param>
    public static void WriteInternal(PooledBuffer body, string detail, string? disclosed, RpcExecution? execution = null) =>
        Write(body, FaultCodes.Internal, "The service failed.", TextLimit.Shorten(detail, MaxDetailLength), (disclosed, execution), static (writer, extension) =>
        {
            if (extension.disclosed is not null)
            {
                writer.WriteString("exception"u8, extension.disclosed);
            }

            WriteRan(writer, extension.execution);
        });

    /// <summary>Writes the fault for any other reserved code.</summary>
    /// <param name="body">The buffer to write to.</param>
    /// <param name="code">The code.</param>
    /// <param name="title">The code in words.</param>
    /// <param name="detail">What happened.</param>
    /// <param name="execution">Whether the call ran, if the code alone would say otherwise; otherwise null.</param>
    public static void Write(PooledBuffer body, string code, string title, string detail, RpcExecution? execution = null) =>
        Write(body, code, title, TextLimit.Shorten(detail, MaxDetailLength), execution, static (writer, execution) => WriteRan(writer, execution));

    /// <summary>Writes the fault of an overloaded server.</summary>
    /// <param name="body">The buffer to write to.</param>
    /// <param name="detail">What happened.</param>
    /// <param name="retryAfter">When the caller can try again.</param>
    /// <param name="execution">Whether the call ran, if the code alone would say otherwise; otherwise null.</param>
    public static void WriteOverloaded(PooledBuffer body, string detail, TimeSpan retryAfter, RpcExecution? execution = null) =>
        Write(body, FaultCodes.Overloaded, "The request was refused.", detail, (retryAfter, execution), static (writer, extension) =>
        {
            writer.WriteNumber("retryAfter"u8, (long)Math.Ceiling(extension.retryAfter.TotalMilliseconds));
            WriteRan(writer, extension.execution);
        });

    private static void WriteRan(Utf8JsonWriter writer, RpcExecution? execution)
    {
        switch (execution)
        {
            case null:
                break;
            case RpcExecution.Unknown:
                writer.WriteNull("ran"u8);
                break;
            default:
                writer.WriteBoolean("ran"u8, execution == RpcExecution.Started);
                break;
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
