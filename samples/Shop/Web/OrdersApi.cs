namespace Shop;

/// <summary>Orders over HTTP.</summary>
internal static class OrdersApi
{
    public static void MapOrders(this WebApplication app)
    {
        app.UseExceptionHandler(); // failed calls become problem details, with the status of their exception
        app.MapPost("/orders", PlaceAsync);
        app.MapHealthChecks("/health");
    }

    private static async Task<IResult> PlaceAsync(Order order, IInventory inventory, CancellationToken cancellationToken)
    {
        try
        {
            return Results.Ok(await inventory.ReserveAsync(order.Article, order.Quantity, cancellationToken));
        }
        catch (OutOfStockException e)
        {
            // A declared fault arrives with its type and members.
            return Results.Problem(e.Message, statusCode: StatusCodes.Status409Conflict, extensions: new Dictionary<string, object?> { ["left"] = e.Left });
        }
    }
}

/// <summary>The body of an order request.</summary>
internal sealed record Order(string Article, int Quantity);
