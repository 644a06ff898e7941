using RpcGen;

namespace Shop;

/// <summary>Orders over HTTP. Maps the outcomes of calls to status codes.</summary>
internal static class OrdersApi
{
    public static void MapOrders(this WebApplication app)
    {
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
            return Results.Problem(e.Message, statusCode: StatusCodes.Status409Conflict, extensions: new Dictionary<string, object?> { ["left"] = e.Left });
        }
        catch (RpcValidationException e)
        {
            return Results.ValidationProblem(e.Errors.ToDictionary());
        }
        catch (RpcAccessDeniedException e)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status403Forbidden);
        }
        catch (RpcException e) when (e is RpcUnavailableException or RpcTimeoutException)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}

/// <summary>The body of an order request.</summary>
internal sealed record Order(string Article, int Quantity);
