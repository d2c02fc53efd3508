-- Handles of users with more than four log-ins and at least one add-to-cart in the week before an instant.
SELECT handle
FROM users JOIN (
    SELECT user_no
    FROM events
    WHERE name IN ($logged_in, $added_to_cart) AND time >= $as_of_ms - $week_ms AND time < $as_of_ms
    GROUP BY user_no
    HAVING count(*) FILTER (WHERE name = $logged_in) > 4 AND count(*) FILTER (WHERE name = $added_to_cart) >= 1
) AS found USING (user_no)
