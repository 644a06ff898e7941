using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DiffEngine;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace RpcGen.Generators.Tests.Support;

/// <summary>
/// Compares text with <c>Class.Method.verified.cs</c> beside the test. Where they differ, <c>Class.Method.received.cs</c> is
/// written and shown; with RPCGEN_ACCEPT=1 in the environment it becomes the verified one.
/// </summary>
internal static partial class Snapshot
{
    public static void Match(string actual, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        actual = Version().Replace(actual, "\"RpcGen.Generators\", \"{version}\"");
        string stem = Path.Combine(Path.GetDirectoryName(file)!, $"{Path.GetFileNameWithoutExtension(file)}.{method}");
        string verified = stem + ".verified.cs";
        string received = stem + ".received.cs";
        string expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : "";
        if (actual == expected)
        {
            File.Delete(received);
            return;
        }

        bool accept = Environment.GetEnvironmentVariable("RPCGEN_ACCEPT") == "1";
        File.WriteAllText(accept ? verified : received, actual);
        if (!accept)
        {
            _ = DiffRunner.LaunchAsync(received, verified);
            IEnumerable<string> diff = InlineDiffBuilder.Diff(expected, actual).Lines
                .Where(line => line.Type != ChangeType.Unchanged)
                .Select(line => $"{(line.Type == ChangeType.Inserted ? '+' : '-')} {line.Text}");
            Assert.Fail($"{Path.GetFileName(verified)} differs (accept with RPCGEN_ACCEPT=1):\n{string.Join('\n', diff)}");
        }
    }

    [GeneratedRegex("""
        "RpcGen\.Generators", "[^"]+"
        """)]
    private static partial Regex Version();
}
