using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RpcGen.Fuzzing;

/// <summary>
/// The inputs that are kept for each decoder, a line each: those that people wrote, and those that took new branches. Octets that
/// are not printable ASCII are escaped.
/// </summary>
internal static class Corpus
{
    /// <summary>Gives each decoder its inputs. The last line counts them; exit code 1 if one does not do what it should.</summary>
    public static int ReplayAll(TextWriter output)
    {
        int passed = 0;
        int failed = 0;
        foreach (Decoder decoder in Decoders.All)
        {
            string[] lines = File.ReadAllLines(PathOf(AppContext.BaseDirectory, decoder.Name));
            foreach (string line in lines)
            {
                if (FindFailure(decoder, line) is { } failure)
                {
                    failed++;
                    output.WriteLine($"FAILED: {decoder.Name}: {line}: {failure}");
                }
                else
                {
                    passed++;
                }
            }
        }

        output.WriteLine($"{passed} passed, {failed} failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Writes the inputs as files.</summary>
    public static int Unpack(string name, string folder)
    {
        Directory.CreateDirectory(folder);
        int number = 0;
        foreach (string line in File.ReadAllLines(PathOf(AppContext.BaseDirectory, name)))
        {
            File.WriteAllBytes(Path.Combine(folder, (++number).ToString("d4", CultureInfo.InvariantCulture)), Parse(line));
        }

        return 0;
    }

    /// <summary>Adds the files of a folder to the corpus in the source tree, and sorts it: short inputs first.</summary>
    public static int Pack(string name, string folder)
    {
        string path = PathOf(SourceFolder(), name);
        IEnumerable<string> found = Directory.EnumerateFiles(folder).Select(File.ReadAllBytes).Where(static input => input.Length <= Decoders.MaxBytes).Select(Escape);
        string[] lines = [.. File.ReadAllLines(path).Concat(found).Distinct(StringComparer.Ordinal).OrderBy(static line => line.Length).ThenBy(static line => line, StringComparer.Ordinal)];
        File.WriteAllLines(path, lines);
        Console.WriteLine($"{name}: {lines.Length} inputs");
        return 0;
    }

    private static string? FindFailure(Decoder decoder, string line)
    {
        try
        {
            decoder.Read(Parse(line));
            return null;
        }
#pragma warning disable CA1031 // Anything that passes the decoder is what the fuzzer looks for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e.ToString();
        }
    }

    private static string PathOf(string folder, string name) => Path.Combine(folder, "Corpus", name + ".txt");

    /// <summary>The project's folder, above the build output.</summary>
    private static string SourceFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RpcGen.Fuzzing.csproj")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("A corpus is packed from the build output of the source tree.");
    }

    private static string Escape(byte[] input)
    {
        var line = new StringBuilder();
        foreach (byte octet in input)
        {
            line.Append(octet switch
            {
                (byte)'\\' => @"\\",
                (byte)'\n' => @"\n",
                >= 0x20 and < 0x7F => ((char)octet).ToString(),
                _ => $@"\x{octet:X2}",
            });
        }

        return line.ToString();
    }

    private static byte[] Parse(string line)
    {
        var input = new List<byte>();
        for (int at = 0; at < line.Length; at++)
        {
            if (line[at] != '\\')
            {
                input.Add((byte)line[at]);
                continue;
            }

            switch (line[++at])
            {
                case 'n':
                    input.Add((byte)'\n');
                    break;
                case 'x':
                    input.Add(byte.Parse(line.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    at += 2;
                    break;
                case var other:
                    Debug.Assert(other == '\\', "Only these are escaped.");
                    input.Add((byte)other);
                    break;
            }
        }

        return [.. input];
    }
}
