using System.Globalization;

namespace RpcGen.Chaos.History;

/// <summary>Reads what the processes wrote. It can be read again and again while they write.</summary>
internal sealed class HistoryReader
{
    private readonly Dictionary<string, long> _positions = [];
    private readonly Dictionary<long, CallHistory> _calls = [];

    /// <summary>The calls that are known so far.</summary>
    public IReadOnlyCollection<CallHistory> Calls => _calls.Values;

    /// <summary>Reads what has come since the last time. The last line of a killed process can be incomplete: it is left out.</summary>
    public void Read(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*.history"))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.Position = _positions.GetValueOrDefault(path);
            using var reader = new StreamReader(file);
            string text = reader.ReadToEnd();
            int end = text.LastIndexOf('\n') + 1;
            foreach (string line in text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Add(line);
            }

            _positions[path] = _positions.GetValueOrDefault(path) + System.Text.Encoding.UTF8.GetByteCount(text.AsSpan(0, end));
        }
    }

    /// <summary>Adds an event.</summary>
    public void Add(string line)
    {
        string[] parts = line.Split(' ', 4);
        var at = new TimeSpan(long.Parse(parts[1], CultureInfo.InvariantCulture));
        CallHistory call = Find(long.Parse(parts[2], CultureInfo.InvariantCulture));
        switch (parts[0])
        {
            case "S":
                call.Start(Enum.Parse<Promise>(parts[3]), at);
                break;
            case "R":
                call.Runs.Add(at);
                break;
            case "A":
                call.Ends.Add(new CallEnd(at, long.Parse(parts[3], CultureInfo.InvariantCulture)));
                break;
            case "F":
                string[] failure = parts[3].Split(' ', 3);
                call.Ends.Add(new CallEnd(at, null, failure[0], Enum.TryParse(failure[1], out RpcExecution execution) ? execution : null, failure[2]));
                break;
            default:
                throw new FormatException($"'{line}' is no event of a history.");
        }
    }

    private CallHistory Find(long id)
    {
        if (!_calls.TryGetValue(id, out CallHistory? call))
        {
            _calls.Add(id, call = new CallHistory(id));
        }

        return call;
    }
}
