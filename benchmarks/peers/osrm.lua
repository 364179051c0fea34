-- Every way takes the seconds of its tag nav:s; turns cost what navplan takes for them.
-- With NAV_TURNS=0 in the environment turns cost nothing.
api_version = 4

local turns = os.getenv("NAV_TURNS") ~= "0"

function setup()
  return {
    properties = {
      weight_name = "duration",
      weight_precision = 3,
      use_turn_restrictions = false,
      continue_straight_at_waypoint = false,
      max_turn_weight = 30,
      u_turn_s = tonumber(os.getenv("NAV_U_TURN_S") or "20"),
      left_s = tonumber(os.getenv("NAV_LEFT_S") or "5"),
      right_s = tonumber(os.getenv("NAV_RIGHT_S") or "2"),
      straight_deg = tonumber(os.getenv("NAV_STRAIGHT_DEG") or "45"),
    },
  }
end

function process_node(profile, node, result) end

function process_way(profile, way, result)
  local seconds = tonumber(way:get_value_by_key("nav:s"))
  if not seconds then
    return
  end
  result.forward_mode = mode.driving
  result.backward_mode = mode.driving
  result.duration = seconds
  result.weight = seconds
  if way:get_value_by_key("oneway") == "yes" then
    result.backward_mode = mode.inaccessible
  end
end

function process_turn(profile, turn)
  if not turns then
    return
  end
  local p = profile.properties
  local lost = 0
  if turn.is_u_turn then
    lost = p.u_turn_s
  elseif turn.number_of_roads > 2 and math.abs(turn.angle) >= p.straight_deg then
    if turn.angle < 0 then lost = p.left_s else lost = p.right_s end
  end
  turn.duration = lost
  turn.weight = lost
end

return { setup = setup, process_way = process_way, process_node = process_node,
         process_turn = process_turn }
