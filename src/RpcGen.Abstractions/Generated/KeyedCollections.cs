using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>
/// Knows which collections an attacker can make slow: those in which adding an element can take time proportional to their size.
/// Peers can choose numbers, dates or records with equal hashes. .NET protects only strings against that.
/// </summary>
internal static class KeyedCollections
{
    private static readonly FrozenSet<Type> Lists = new HashSet<Type>
    {
        typeof(List<>), typeof(IList<>), typeof(ICollection<>), typeof(IEnumerable<>), typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>),
        typeof(LinkedList<>), typeof(Queue<>), typeof(Stack<>), typeof(IAsyncEnumerable<>),
        typeof(Collection<>), typeof(ReadOnlyCollection<>), typeof(ObservableCollection<>),
        typeof(ConcurrentBag<>), typeof(ConcurrentQueue<>), typeof(ConcurrentStack<>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(IImmutableList<>), typeof(ImmutableQueue<>), typeof(IImmutableQueue<>),
        typeof(ImmutableStack<>), typeof(IImmutableStack<>), typeof(Memory<>), typeof(ReadOnlyMemory<>), typeof(ReadOnlySequence<>),
        typeof(IEnumerable), typeof(ICollection), typeof(IList), typeof(ArrayList), typeof(Queue), typeof(Stack),
    }.ToFrozenSet();

    private static readonly FrozenSet<Type> Trees = new HashSet<Type>
    {
        typeof(SortedSet<>), typeof(ImmutableSortedSet<>), typeof(SortedDictionary<,>), typeof(ImmutableSortedDictionary<,>),
    }.ToFrozenSet();

    /// <summary>Whether an attacker can make a collection slow. True for unknown collections.</summary>
    public static bool IsKeyed(JsonTypeInfo type)
    {
        Type? key = type.Kind == JsonTypeInfoKind.Dictionary ? type.KeyType : type.ElementType;
        for (Type? known = type.Type; known is not null; known = known.BaseType)
        {
            Type definition = known.IsGenericType ? known.GetGenericTypeDefinition() : known;
            if (definition == typeof(SortedList<,>))
            {
                return true; // keys in descending order are enough
            }

            if (definition == typeof(KeyedCollection<,>))
            {
                break;
            }

            if (known.IsArray || Lists.Contains(definition) || Trees.Contains(definition))
            {
                return false;
            }
        }

        return key != typeof(string);
    }
}
