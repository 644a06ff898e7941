namespace RpcGen.Hosting;

/// <summary>Adds several elements to a list.</summary>
internal static class ListExtensions
{
    public static void AddRange<T>(this IList<T> list, IEnumerable<T> elements)
    {
        foreach (T element in elements)
        {
            list.Add(element);
        }
    }
}
