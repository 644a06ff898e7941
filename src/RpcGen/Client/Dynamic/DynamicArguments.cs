using System.Text;
using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Client.Dynamic;

/// <summary>Checks what a dynamic client is given.</summary>
internal static class DynamicArguments
{
    private const int MaxNameBytes = 255;

    /// <exception cref="ArgumentException">The name cannot be that of a method.</exception>
    public static void ThrowIfNoMethod(string method)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        if (method[0] == WireNames.ReservedTypePrefix || Encoding.UTF8.GetByteCount(method) > MaxNameBytes)
        {
            throw new ArgumentException($"'{method}' cannot be the name of a method: names have at most {MaxNameBytes} bytes and do not start with '$'.", nameof(method));
        }
    }

    /// <exception cref="ArgumentException">The arguments are not one JSON object.</exception>
    public static void ThrowIfNoObject(ReadOnlySpan<byte> arguments)
    {
        try
        {
            var reader = new Utf8JsonReader(arguments, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read())
                {
                }

                return;
            }
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The arguments are not JSON: {e.Message}", nameof(arguments), e);
        }

        throw new ArgumentException("The arguments must be a JSON object with one member for each parameter.", nameof(arguments));
    }
}
