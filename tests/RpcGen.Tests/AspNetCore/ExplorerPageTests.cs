using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace RpcGen.Tests.AspNetCore;

/// <summary>The page's files keep to its own policy: no script or style in the text of a page, no markup from texts, no other host.</summary>
public sealed class ExplorerPageTests
{
    private const string Prefix = "explorer/";

    private static readonly Assembly Assembly = typeof(RpcExplorerOptions).Assembly;

    public static TheoryData<string> Files => [.. Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_keeps_to_the_policy(string name)
    {
        string text = Read(name).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal); // a name, not an address

        Assert.DoesNotMatch("""https?://[\w.]""", text);
        Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc", text);
        Assert.DoesNotMatch("""<[^>]*\s(on\w+|style)\s*=""", text);
        Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|<style|javascript:|url\(|@import\s", text);
        Assert.True(text.Split('\n').Length <= 300, $"{text.Split('\n').Length} lines");
    }

    [Fact]
    public void All_files_that_are_referred_to_exist()
    {
        string[] names = [.. Assembly.GetManifestResourceNames()];
        Assert.Contains(Prefix + "index.html", names);
        foreach (string name in names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            foreach (Match reference in Regex.Matches(Read(name), """(?:src|href)="([\w.]+)"|from '\./([\w.]+)'"""))
            {
                Assert.Contains(Prefix + reference.Groups[1].Value + reference.Groups[2].Value, names);
            }
        }
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
