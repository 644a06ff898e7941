using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RpcGen.Tests.Compatibility;

/// <summary>
/// Replaces what is random in messages by something of the same length: ids, names of queues, and what describes this process. No byte
/// around it moves.
/// </summary>
internal sealed partial class WireIds
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The message with its ids as numbers, counted in the order in which they occur in the conversation.</summary>
    public WireMessage Number(WireMessage message) => Replace(message with { Body = MaskProcess(message.Body) }, id =>
    {
        if (!_names.TryGetValue(id, out string? number))
        {
            _names.Add(id, number = (_names.Count + 1).ToString(CultureInfo.InvariantCulture).PadLeft(id.Length, '0'));
        }

        return number;
    });

    /// <summary>Notes that ids of a recorded message stand for those of the message that was sent in its place.</summary>
    public void Note(WireMessage recorded, WireMessage actual)
    {
        foreach ((string before, string now) in Find(recorded).Zip(Find(actual)))
        {
            _names[before] = now;
        }
    }

    /// <summary>A recorded message with the ids of this conversation in place of those of the recorded one.</summary>
    public WireMessage Translate(WireMessage recorded) => Replace(recorded, id => _names.GetValueOrDefault(id, id));

    private static IEnumerable<string> Find(WireMessage message) =>
        new[] { message.RoutingKey, Latin(message.Properties), Latin(message.Body) }.SelectMany(text => Id().Matches(text)).Select(match => match.Value);

    private static WireMessage Replace(WireMessage message, Func<string, string> name) => message with
    {
        RoutingKey = Id().Replace(message.RoutingKey, match => name(match.Value)),
        Properties = Bytes(Id().Replace(Latin(message.Properties), match => name(match.Value))),
        Body = Bytes(Id().Replace(Latin(message.Body), match => name(match.Value))),
    };

    /// <summary>Answers to questions describe the process that answers, and have the version of the contract's assembly.</summary>
    public static byte[] MaskProcess(byte[] body) => Bytes(Process().Replace(Latin(body), match => match.Groups["name"].Value + match.Groups["start"].Value switch
    {
        "\"" => "\"masked\"",
        _ => "1",
    }));

    /// <summary>Bytes as characters, one for each.</summary>
    private static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static byte[] Bytes(string latin) => Encoding.Latin1.GetBytes(latin);

    [GeneratedRegex("(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-f])")]
    private static partial Regex Id();

    [GeneratedRegex("""(?<name>"(?:process|processId|host|software|version|digest)":)(?:(?<start>")[^"]*"|[0-9]+)""")]
    private static partial Regex Process();
}
