using System.Text.RegularExpressions;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>A user's permissions as docs/security.md gives them, for another queue than the page's.</summary>
/// <param name="Configure">What the user can declare and delete.</param>
/// <param name="Write">What the user can publish to.</param>
/// <param name="Read">What the user can consume.</param>
public sealed record DocumentedPermissions(string Configure, string Write, string Read)
{
    private const string QueueOfThePage = @"Shop\.Inventory";

    /// <summary>Reads the arguments of <c>rabbitmqctl set_permissions USER</c> from the page.</summary>
    public static DocumentedPermissions Of(string user, string queue)
    {
        string page = File.ReadAllText(Repository.File("docs", "security.md"));
        Match command = Command(user).Match(page);
        Assert.True(command.Success, $"docs/security.md has no set_permissions for '{user}'.");
        string Pattern(int group) => command.Groups[group].Value.Replace(QueueOfThePage, Regex.Escape(queue), StringComparison.Ordinal);
        return new DocumentedPermissions(Pattern(1), Pattern(2), Pattern(3));
    }

    private static Regex Command(string user) => new($@"set_permissions {Regex.Escape(user)}\s(?:\\?\s)*'([^']*)'\s(?:\\?\s)*'([^']*)'\s(?:\\?\s)*'([^']*)'", RegexOptions.CultureInvariant);
}
