using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using RpcGen.Tests.Documentation;

namespace RpcGen.Tests.Compatibility;

/// <summary>
/// A conversation as text. The line that starts with <c>=</c> has all bytes of the property list, and the lines that start with
/// <c>|</c> are the body, joined by line feeds. The lines that name properties are for people.
/// </summary>
internal static class WireFile
{
    /// <summary>Where the conversations are, in a folder for each version that recorded them.</summary>
    public const string Folder = "tests/RpcGen.Tests/Compatibility/Recorded";

    private const string FromClient = "> from the client";
    private const string FromServer = "< from the server";
    private const string Passes = "+ ms: ";
    private const string PassesForHandler = "+ ms, once a handler waits: ";
    private const string ExchangeName = "  exchange: ";
    private const string RoutingKeyName = "  routing key: ";
    private const string Mandatory = "  mandatory";
    private const string Properties = "  = ";
    private const string BodyLine = "  |";

    public static string PathOf(string version, string conversation) => $"{Folder}/{version}/{conversation}.txt";

    public static string Write(string title, IEnumerable<WireStep> steps)
    {
        var text = new StringBuilder(title).Append('\n');
        foreach (WireStep step in steps)
        {
            text.Append('\n');
            if (step.Message is { } message)
            {
                Write(text, message);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"{(step.IsForHandler ? PassesForHandler : Passes)}{step.Pause.TotalMilliseconds}\n");
            }
        }

        return text.ToString();
    }

    public static List<WireStep> Read(string path)
    {
        var steps = new List<WireStep>();
        string[] blocks = RepositoryFiles.Read(path).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        foreach (string block in blocks.Skip(1))
        {
            string[] lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string? forHandler = Find(lines, PassesForHandler);
            steps.Add((forHandler ?? Find(lines, Passes)) is { } pause
                ? new WireStep(null, TimeSpan.FromMilliseconds(int.Parse(pause, CultureInfo.InvariantCulture)), forHandler is not null)
                : new WireStep(ReadMessage(lines)));
        }

        return steps;
    }

    private static WireMessage ReadMessage(string[] lines)
    {
        Assert.True(lines[0] is FromClient or FromServer, lines[0]);
        IEnumerable<string> body = lines.Where(line => line.StartsWith(BodyLine, StringComparison.Ordinal)).Select(line => line[BodyLine.Length..]);
        return new WireMessage(
            lines[0] == FromClient,
            Find(lines, ExchangeName)!,
            Find(lines, RoutingKeyName)!,
            lines.Contains(Mandatory),
            Convert.FromHexString(Find(lines, Properties)!),
            Encoding.UTF8.GetBytes(string.Join('\n', body)));
    }

    private static string? Find(string[] lines, string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private static void Write(StringBuilder text, WireMessage message)
    {
        text.Append(message.IsFromClient ? FromClient : FromServer).Append('\n');
        text.Append(ExchangeName).Append(message.Exchange).Append('\n');
        text.Append(RoutingKeyName).Append(message.RoutingKey).Append('\n');
        text.Append(message.IsMandatory ? Mandatory + "\n" : "");
        foreach ((string name, object? value) in Describe(message.Decoded).Where(property => property.Value is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name}: {value}\n");
        }

        text.Append(Properties).Append(Convert.ToHexStringLower(message.Properties)).Append('\n');
        if (message.Body.Length > 0)
        {
            text.Append(BodyLine).Append(Encoding.UTF8.GetString(message.Body).Replace("\n", "\n" + BodyLine, StringComparison.Ordinal)).Append('\n');
        }
    }

    private static IEnumerable<(string Name, object? Value)> Describe(IReadOnlyBasicProperties properties)
    {
        yield return ("content_type", properties.ContentType);
        yield return ("delivery_mode", (int)properties.DeliveryMode);
        yield return ("priority", properties.IsPriorityPresent() ? properties.Priority : null);
        yield return ("correlation_id", properties.CorrelationId);
        yield return ("reply_to", properties.ReplyTo);
        yield return ("expiration", properties.Expiration);
        yield return ("message_id", properties.MessageId);
        yield return ("timestamp", properties.IsTimestampPresent() ? properties.Timestamp.UnixTime : null);
        yield return ("type", properties.Type);
        yield return ("user_id", properties.UserId);
        foreach ((string name, object? value) in properties.Headers ?? new Dictionary<string, object?>())
        {
            yield return ($"header {name}", value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value);
        }
    }
}
