using RpcGen.Client.Confirming;

namespace RpcGen.Tests.Client.Confirming;

/// <summary>Each move of a published message, and the ring that holds them.</summary>
public sealed class ConfirmLedgerTests
{
    private readonly ConfirmLedger _ledger = new();

    [Fact]
    public void Numbers_are_counted_from_one()
    {
        Assert.Equal([1UL, 2UL, 3UL], Add(11, 12, 13));
        Assert.Equal([11UL, 12UL, 13UL], Unconfirmed(10, 11, 12, 13, 14, 0));
    }

    [Fact]
    public void A_confirm_settles_one_message()
    {
        Add(11, 12, 13);

        _ledger.Confirm(2, multiple: false);

        Assert.Equal([11UL, 13UL], Unconfirmed(11, 12, 13));
        _ledger.Confirm(1, multiple: false);
        _ledger.Confirm(3, multiple: false);
        Assert.Empty(Unconfirmed(11, 12, 13));
    }

    [Fact]
    public void A_multiple_confirm_settles_all_up_to_it()
    {
        Add(11, 12, 13, 14);

        _ledger.Confirm(3, multiple: true);

        Assert.Equal([14UL], Unconfirmed(11, 12, 13, 14));
    }

    [Fact]
    public void A_refusal_names_the_message()
    {
        Add(11, 12, 13);

        Assert.Equal([12UL], Refuse(2, multiple: false));
        Assert.Equal([11UL, 13UL], Unconfirmed(11, 12, 13));
    }

    [Fact]
    public void A_multiple_refusal_names_those_that_are_unconfirmed()
    {
        Add(11, 12, 13, 14);
        _ledger.Confirm(2, multiple: false);

        Assert.Equal([11UL, 13UL], Refuse(3, multiple: true));
        Assert.Equal([14UL], Unconfirmed(11, 12, 13, 14));
    }

    [Fact]
    public void A_message_is_settled_once()
    {
        Add(11, 12);
        _ledger.Confirm(1, multiple: false);

        Assert.Empty(Refuse(1, multiple: false));
        Assert.Equal([12UL], Refuse(2, multiple: true));
        Assert.Empty(Refuse(2, multiple: true));
        Assert.Empty(Refuse(0, multiple: false));
    }

    [Fact]
    public void A_confirm_of_a_message_that_was_never_published_settles_nothing()
    {
        Add(11);

        Assert.Empty(Refuse(2, multiple: true));
        _ledger.Confirm(ulong.MaxValue, multiple: true);
        Assert.Equal([11UL], Unconfirmed(11));
    }

    [Fact]
    public void The_number_of_a_message_that_was_not_handed_over_is_used_again()
    {
        Add(11, 12);

        _ledger.Undo(2);

        Assert.Equal([11UL], Unconfirmed(11, 12));
        Assert.Equal([2UL], Add(13));
        Assert.Equal([13UL], Refuse(2, multiple: false));
    }

    [Fact]
    public void Many_messages_can_be_unconfirmed_and_the_room_is_given_back()
    {
        ulong[] ids = [.. Enumerable.Range(1, 10_000).Select(number => (ulong)number)];
        Add(ids);
        Assert.True(_ledger.Capacity >= ids.Length);
        Assert.True(ids.All(_ledger.IsUnconfirmed));
        Assert.Equal(ids[..5_000], Refuse(5_000, multiple: true));

        _ledger.Confirm(10_000, multiple: true);

        Assert.DoesNotContain(ids, _ledger.IsUnconfirmed);
        Assert.Equal(64, _ledger.Capacity);
        Assert.Equal([10_001UL], Add(7));
        Assert.Equal([7UL], Refuse(10_001, multiple: false));
    }

    [Fact]
    public void The_ring_turns_without_growing()
    {
        for (ulong number = 1; number <= 1_000; number += 40)
        {
            Add([.. Enumerable.Range(0, 40).Select(offset => number + (ulong)offset)]);
            Assert.True(_ledger.IsUnconfirmed(number) && _ledger.IsUnconfirmed(number + 39));
            Assert.Equal([number + 7], Refuse(number + 7, multiple: false));
            _ledger.Confirm(number + 39, multiple: true);
        }

        Assert.Equal(64, _ledger.Capacity);
    }

    [Fact]
    public void It_agrees_with_a_model()
    {
        var random = new Random(7);
        var model = new SortedDictionary<ulong, ulong>();
        ulong next = 1;
        for (int step = 0; step < 20_000; step++)
        {
            int choice = random.Next(10);
            ulong number = (ulong)random.NextInt64((long)next + 2);
            if (choice < 5)
            {
                Assert.Equal(next, _ledger.Add(next + 100));
                model.Add(next, next + 100);
                next++;
            }
            else if (choice == 5 && model.ContainsKey(next - 1))
            {
                _ledger.Undo(--next);
                model.Remove(next);
            }
            else
            {
                bool multiple = choice == 6;
                ulong[] settled = number >= next ? [] : [.. model.Where(entry => entry.Key == number || (multiple && entry.Key < number)).Select(entry => entry.Key)];
                Assert.Equal(settled.Select(each => model[each]), Refuse(number, multiple));
                Array.ForEach(settled, each => model.Remove(each));
            }

            Assert.Equal(model.ContainsKey(number), _ledger.IsUnconfirmed(number + 100));
        }
    }

    private ulong[] Add(params ulong[] ids) => [.. ids.Select(_ledger.Add)];

    private ulong[] Unconfirmed(params ulong[] ids) => [.. ids.Where(_ledger.IsUnconfirmed)];

    private ulong[] Refuse(ulong number, bool multiple)
    {
        var refused = new List<ulong>();
        _ledger.Refuse(number, multiple, refused);
        return [.. refused];
    }
}
