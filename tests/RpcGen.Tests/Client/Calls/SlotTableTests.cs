using RpcGen.Client.Calls;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

public sealed class SlotTableTests
{
    private readonly SlotTable<string> _table = new(new CallIdCipher(high: 1, low: 2));

    [Fact]
    public void An_id_leads_to_its_object_and_generation()
    {
        (int slot, long first) = _table.Add("a");

        Assert.Equal(0, first);
        Assert.True(_table.TryFind(_table.IdOf(slot, 7), out string found, out long generation));
        Assert.Equal(("a", 7L), (found, generation));
    }

    [Fact]
    public void An_id_is_found_as_text_too()
    {
        (int slot, _) = _table.Add("a");
        string text = _table.IdOf(slot, 3).ToString()!;

        Assert.True(_table.TryFind(new CorrelationId(text), out string found, out long generation));
        Assert.Equal(("a", 3L), (found, generation));
    }

    [Fact]
    public void The_largest_generation_and_slot_fit_into_an_id()
    {
        Assert.Equal(1 << 24, SlotTable<string>.MaxSlots);
        (int slot, _) = _table.Add("a");

        Assert.True(_table.TryFind(_table.IdOf(slot, SlotTable<string>.MaxGeneration), out _, out long generation));
        Assert.Equal((1L << 40) - 1, generation);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not an id")]
    [InlineData("0123456789abcdef")]
    public void Ids_of_others_lead_nowhere(string? text)
    {
        _table.Add("a");

        Assert.False(_table.TryFind(new CorrelationId(text), out string found, out long generation));
        Assert.Null(found);
        Assert.Equal(0, generation);
    }

    [Fact]
    public void Ids_of_slots_that_were_never_given_lead_nowhere()
    {
        _table.Add("a");

        Assert.False(_table.TryFind(_table.IdOf(1, 1), out _, out _)); // within the array
        Assert.False(_table.TryFind(_table.IdOf(64, 1), out _, out _)); // right behind it
        Assert.False(_table.TryFind(_table.IdOf(5000, 1), out _, out _));
    }

    [Fact]
    public void The_table_grows()
    {
        CorrelationId[] ids = [.. Enumerable.Range(0, 300).Select(i => _table.IdOf(_table.Add($"{i}").Slot, i))];

        for (int i = 0; i < ids.Length; i++)
        {
            Assert.True(_table.TryFind(ids[i], out string found, out long generation));
            Assert.Equal(($"{i}", (long)i), (found, generation));
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), _table.Snapshot());
    }

    [Fact]
    public void A_slot_passes_on_with_its_generation()
    {
        (int slot, _) = _table.Add("a");
        _table.Add("b");
        _table.Remove(slot, generation: 41);

        Assert.False(_table.TryFind(_table.IdOf(slot, 41), out _, out _));
        Assert.Equal(["b"], _table.Snapshot());
        Assert.Equal((slot, 41L), _table.Add("c"));
        Assert.Equal(2, _table.Add("d").Slot);
        Assert.Equal(["c", "b", "d"], _table.Snapshot());
    }
}
