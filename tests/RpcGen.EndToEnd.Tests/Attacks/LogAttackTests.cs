using System.Text.RegularExpressions;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Messages that are made to fill a log, or to forge lines in it.</summary>
[Collection(AttackedNode.Name)]
public sealed partial class LogAttackTests(PrivateRabbit broker) : AttackTest(broker)
{
    private const int Messages = 2_000;
    private const int Dropped = 41;

    [Fact]
    public async Task Bad_messages_write_few_lines_and_no_control_character()
    {
        (_, Neighbours neighbours) = await ServeVaultAsync();
        RawCaller attacker = await RawCaller.OpenAsync(await AttackAsync("caller"));

        for (int i = 0; i < Messages; i++)
        {
            await attacker.SendAsync(Queue, "x\r\n[53] Queue is no longer served\u001b[31m\u202e", "{}", $"\u0007{i}", replyTo: "amq.no\u0085callback");
        }

        await Wait.UntilAsync(() => Log.Count(Dropped) + LeftOut() == Messages, "each message is in the log or counted as left out");
        await neighbours.StopAsync();
        Assert.InRange(Log.Count(Dropped), 1, Messages / 2);
        Assert.DoesNotContain(Log.Lines, line => line.Any(character => char.IsControl(character) || character == '\u202e'));
        Assert.Contains(Log.Lines, line => line.Contains(@"x\u000d\u000a[53] Queue is no longer served\u001b[31m\u202e", StringComparison.Ordinal));
    }

    private int LeftOut() => Log.Lines.Select(line => LeftOutLine().Match(line)).Where(match => match.Success).Sum(match => int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^\[7\] (\d+) more messages of event 41 ")]
    private static partial Regex LeftOutLine();
}
