using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RpcGen.Tests.Support;

/// <summary>
/// Tests write batches as one JSON array of arrays: a request is <c>[id, method, budget, arguments, traceparent, headers]</c>, a reply
/// <c>[id, result, type, ms]</c>. This translates them to and from the form on the wire, without the code that is tested. Text of
/// another form stays as it is.
/// </summary>
internal static class BatchText
{
    /// <summary>The content type of batches.</summary>
    public const string ContentType = "application/vnd.rpcgen.batch";

    private const string Type = "$batch";
    private const string Json = "application/json";
    private const int BodyOfRequest = 3;
    private const int BodyOfReply = 1;

    /// <summary>The content type that a message is sent with: batches have one of their own.</summary>
    public static string? ContentTypeOf(string? type, string? contentType) =>
        type == Type && contentType?.StartsWith(Json, StringComparison.Ordinal) == true ? ContentType + contentType[Json.Length..] : contentType;

    /// <summary>The body of a request as it is sent.</summary>
    public static string Request(string? type, string body) => type == Type ? Write(body, BodyOfRequest) : body;

    /// <summary>The body of a reply as it is sent.</summary>
    public static string Reply(string? type, string body) => type == Type ? Write(body, BodyOfReply) : body;

    /// <summary>The body of a request as tests read it.</summary>
    public static string ReadRequest(string? type, string body) => type == Type ? Read(body, BodyOfRequest) : body;

    /// <summary>The body of a reply as tests read it.</summary>
    public static string ReadReply(string? type, string body) => type == Type ? Read(body, BodyOfReply) : body;

    private static string Write(string entries, int bodyAt)
    {
        if (!entries.StartsWith("[[", StringComparison.Ordinal))
        {
            return entries;
        }

        try
        {
            using JsonDocument all = JsonDocument.Parse(entries, new JsonDocumentOptions { MaxDepth = 1000 });
            return string.Concat(all.RootElement.EnumerateArray().Select(entry => Entry([.. entry.EnumerateArray().Select(element => element.GetRawText())], bodyAt)));
        }
        catch (JsonException)
        {
            return entries;
        }
    }

    private static string Entry(List<string> elements, int bodyAt)
    {
        string body = elements.Count > bodyAt ? elements[bodyAt] : "";
        if (elements.Count > bodyAt)
        {
            elements.RemoveAt(bodyAt);
        }

        if (elements.Count > 0)
        {
            elements.Insert(1, $"{Encoding.UTF8.GetByteCount(body)}");
        }

        return $"[{string.Join(',', elements)}]\n{body}\n";
    }

    private static string Read(string message, int bodyAt)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        var entries = new List<string>();
        for (int at = 0; at < bytes.Length;)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', at);
            using JsonDocument head = JsonDocument.Parse(bytes.AsMemory(at, end - at));
            List<string> elements = [.. head.RootElement.EnumerateArray().Select(element => element.GetRawText())];
            int length = head.RootElement[1].GetInt32();
            elements.RemoveAt(1);
            if (length > 0 || elements.Count > bodyAt)
            {
                elements.Insert(bodyAt, length > 0 ? Encoding.UTF8.GetString(bytes, end + 1, length) : "null");
            }

            Assert.Equal((byte)'\n', bytes[end + 1 + length]);
            entries.Add($"[{string.Join(',', elements)}]");
            at = end + 2 + length;
        }

        return $"[{string.Join(',', entries)}]";
    }
}
