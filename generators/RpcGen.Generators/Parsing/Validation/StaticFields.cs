using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Values that the validators of one contract keep in fields, one for each expression.</summary>
internal sealed class StaticFields
{
    private readonly UniqueNames _names = new([]);
    private readonly Dictionary<string, AttributeFieldModel> _byExpression = new(StringComparer.Ordinal);

    public IEnumerable<AttributeFieldModel> All => _byExpression.Values;

    /// <summary>The field's name.</summary>
    public string Take(string name, string type, string expression)
    {
        if (!_byExpression.TryGetValue(expression, out AttributeFieldModel? field))
        {
            field = new AttributeFieldModel(_names.Take("_" + CSharpText.Camel(name)), type, expression);
            _byExpression.Add(expression, field);
        }

        return field.Name;
    }
}
