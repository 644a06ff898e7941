[
  {
    "body": "{}",
    "errors": {
      "order": [
        "The argument is required."
      ]
    }
  },
  {
    "body": "{\"order\":null,\"n\":91,\"names\":[\"a\",null]}",
    "errors": {
      "order": [
        "The value must not be null."
      ],
      "n": [
        "The field n must be between 0 and 90."
      ],
      "names[1]": [
        "The value must not be null."
      ]
    }
  },
  {
    "body": "{\"order\":{},\"n\":\"x\"}",
    "errors": {
      "n": [
        "Expected an integer from -2147483648 to 2147483647, but found a text."
      ],
      "order.id": [
        "The field id must be a string with a minimum length of 2 and a maximum length of 5."
      ],
      "order.rows": [
        "The field rows must be a string or array type with a minimum length of '1'."
      ]
    }
  },
  {
    "body": "{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\" \",\"quantity\":0},null]}}",
    "errors": {
      "order.rows[0].sku": [
        "The sku field is required."
      ],
      "order.rows[0].quantity": [
        "The field quantity must be between 1 and 100."
      ],
      "order.rows[1]": [
        "The value must not be null."
      ]
    }
  },
  {
    "body": "{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"byKey\":{\"k\":{\"sku\":\"s\",\"quantity\":0},\"a.b\":{\"sku\":\"s\",\"quantity\":0},\"n\":null}}}",
    "errors": {
      "order.byKey.k.quantity": [
        "The field quantity must be between 1 and 100."
      ],
      "order.byKey['a.b'].quantity": [
        "The field quantity must be between 1 and 100."
      ]
    }
  },
  {
    "body": "{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"share\":0.5}}",
    "errors": {
      "order.share": [
        "half"
      ],
      "order.rows": [
        "half"
      ],
      "order": [
        "whole"
      ]
    }
  },
  {
    "body": "{\"order\":{\"id\":\"abcdef\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"share\":2,\"parent\":{\"id\":\"ab\"}}}",
    "errors": {
      "order.id": [
        "The field id must be a string with a minimum length of 2 and a maximum length of 5."
      ],
      "order.parent.rows": [
        "The field rows must be a string or array type with a minimum length of '1'."
      ],
      "order.share": [
        "The field share must be between 0 and 1."
      ]
    }
  },
  {
    "body": "{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"contact\":{\"$type\":\"mail\",\"address\":\"nobody\"}}}",
    "errors": {
      "order.contact.address": [
        "The address field is not a valid e-mail address."
      ]
    }
  },
  {
    "body": "{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}]}}",
    "errors": {}
  }
]